import { type RawBuilder, sql } from 'kysely'

/**
 * An id in the form of a UUIDv7 that is made of a moment and of what makes it unique: the same row, written again after
 * a crash, has the same id.
 */
export function deriveId(at: RawBuilder<unknown>, source: RawBuilder<unknown>): RawBuilder<string> {
  const hash = sql`substr(encode(sha256(convert_to(${source}, 'UTF8')), 'hex'), 1, 20)`
  // The version and the variant of the form.
  return sql<string>`(
    lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0')
    || overlay(overlay(${hash} placing '7' from 1 for 1) placing 'a' from 5 for 1)
  )::uuid`
}
