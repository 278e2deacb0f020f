import type pg from 'pg'
import type { Timestamp } from '../../platform/clock.ts'
import { encodeArray } from '../../platform/database/binary-array.ts'

export type NewInboundWebhook = {
  kind: string
  key: string
  url: string
  headers: Record<string, string>
  body: Buffer
}

export type InboundRow = NewInboundWebhook & { id: string; receivedAt: Timestamp }

// All bodies travel as one value that the database cuts up: bytes stay bytes, and are not escaped into an array's text.
const INSERT = `
  insert into inbound_webhooks (id, kind, key, url, headers, body, due_at, received_at)
  select r.id, r.kind, r.key, r.url, r.headers::json, substring($8::bytea from r.start for r.bytes), r.received_at,
    r.received_at
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::int4[], $9::int4[])
    as r (id, kind, key, url, headers, received_at, start, bytes)
  on conflict do nothing returning id`

const STATEMENT = { name: 'store_inbound_webhooks', text: INSERT }

// Of an attempt whose outcome is unknown, this finds what it wrote all the same.
const STATEMENT_AGAIN = {
  name: 'store_inbound_webhooks_again',
  text: `with inserted as (${INSERT})
    select id from inserted union all select id from inbound_webhooks where id = any($1::uuid[])`,
}

/** Writes a batch in one statement; gives the ids of those that were no repeats. */
export async function writeInboundBatch(
  pool: pg.Pool,
  rows: readonly InboundRow[],
  { isAgain }: { isAgain: boolean },
): Promise<Set<string>> {
  // Nodes that are sent the same webhooks at the same time wait for each other in one order.
  const sorted = rows.toSorted((a, b) => compare(a.kind, b.kind) || compare(a.key, b.key))
  const bodies = sorted.map(({ body }) => body)
  const starts: number[] = []
  let start = 1
  for (const { byteLength } of bodies) {
    starts.push(start)
    start += byteLength
  }
  const texts = (of: (row: InboundRow) => string) => encodeArray('text', sorted.map(of))
  const values = [
    encodeArray(
      'uuid',
      sorted.map(({ id }) => id),
    ),
    texts(({ kind }) => kind),
    texts(({ key }) => key),
    texts(({ url }) => url),
    texts(({ headers }) => JSON.stringify(headers)),
    encodeArray(
      'timestamptz',
      sorted.map(({ receivedAt }) => receivedAt),
    ),
    encodeArray('int4', starts),
    bodies.length === 1 ? bodies[0] : Buffer.concat(bodies),
    encodeArray(
      'int4',
      bodies.map(({ byteLength }) => byteLength),
    ),
  ]
  const { rows: written } = await pool.query<{ id: string }>({ ...(isAgain ? STATEMENT_AGAIN : STATEMENT), values })
  return new Set(written.map(({ id }) => id))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
