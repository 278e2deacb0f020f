import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { AddressKind } from './schema.ts'

/**
 * Of two who do something with the same address at once, one waits here, and then finds what the other did. Comes after
 * the heads of streams.
 */
export async function lockAddress(
  db: Database,
  { workspaceId, kind, value }: { workspaceId: string; kind: AddressKind; value: string },
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${kind} ${workspaceId} ${value}`}, 0))`.execute(db)
}
