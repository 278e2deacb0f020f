import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { ActivityKind } from './schema.ts'

/** Lists whose rows are counted: those by activity, and a workspace's contacts. */
type CountedKind = ActivityKind | 'contacts'

type Change = { kind: CountedKind; ownerId: string; by: number }

export async function addToCount(db: Database, { kind, ownerId, by }: Change): Promise<void> {
  await sql`
    insert into list_counts as c (kind, owner_id, count) values (${kind}, ${ownerId}, ${by})
    on conflict (kind, owner_id) do update set count = c.count + excluded.count`.execute(db)
}

/** How many rows a list has, as far as the activity reader has come. */
export async function readCount(
  db: Database,
  { kind, ownerId }: { kind: CountedKind; ownerId: string },
): Promise<number> {
  const row = await db
    .selectFrom('listCounts')
    .select('count')
    .where('kind', '=', kind)
    .where('ownerId', '=', ownerId)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}
