// Walks through lists by activity. A page that has more after it notes at which item it ended, and as of which position
// of the activity reader. The next page goes on from that note: from the items that have not moved since, and from what
// those that have moved left behind.

import { sql } from 'kysely'
import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import { READER } from './apply-activity.ts'
import type { Active, ActivityList } from './schema.ts'

/** How long after a page the next one is still of the same walk, in milliseconds. */
const WALK_KEPT_MS = 15 * 60 * 1_000

/** From where a walk goes on; `asOf` is null where it begins with the lists as they are. */
export type Walk = { itemId: string; position: number; asOf: number | null }

/** An item at which a walk may go on, down or up the list. */
export type Spot = { isBackward: boolean; item: Active }

type At = ActivityList & { itemId: string; isBackward: boolean; now: Timestamp }

export async function readWalk(
  db: Database,
  { kind, ownerId, itemId, isBackward, now }: At,
): Promise<Walk | undefined> {
  return db
    .selectFrom('listWalks')
    .select(['itemId', 'position', 'asOf'])
    .where('kind', '=', kind)
    .where('ownerId', '=', ownerId)
    .where('isBackward', '=', isBackward)
    .where('itemId', '=', itemId)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
}

/** Where an item stands now. */
export async function readItem(
  db: Database,
  { kind, ownerId, itemId }: ActivityList & { itemId: string },
): Promise<Walk | undefined> {
  const item = await db
    .selectFrom('activities')
    .select('position')
    .where('kind', '=', kind)
    .where('ownerId', '=', ownerId)
    .where('itemId', '=', itemId)
    .executeTakeFirst()
  return item && { itemId, position: item.position, asOf: null }
}

export type ReadPage = { walk: Walk | undefined; isBackward: boolean; limit: number }

/** Some items from where a walk stands, nearest first; and as of when they are so. */
export async function readPage(
  db: Database,
  { kind, ownerId }: ActivityList,
  { walk, isBackward, limit }: ReadPage,
): Promise<{ items: Active[]; asOf: number }> {
  const direction = isBackward ? sql`asc` : sql`desc`
  const order = sql`order by position ${direction}, item_id ${direction} limit ${limit}`
  const beyond =
    walk === undefined
      ? sql`true`
      : sql`(position, item_id) ${isBackward ? sql`>` : sql`<`} (${walk.position}, ${walk.itemId}::uuid)`
  const columns = sql`select item_id, position, active_at`
  const now = sql`from activities where kind = ${kind} and owner_id = ${ownerId} and ${beyond}`
  const asOf = walk?.asOf ?? null
  const items =
    asOf === null
      ? sql`${columns} ${now} ${order}`
      : sql`select * from (
          (${columns} ${now} and position <= ${asOf} ${order}) union all
          (${columns} from activity_moves where kind = ${kind} and owner_id = ${ownerId} and ${beyond}
            and position <= ${asOf} and moved_at > ${asOf} ${order})
        ) listed ${order}`
  // One statement, so that the page and the reader's position are of one moment.
  const { rows } = await sql<{ asOf: number; items: Active[] | null }>`
    select position as as_of, (
      select json_agg(json_build_object('itemId', item_id, 'position', position, 'activeAt',
        to_char(active_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) from (${items}) page
    ) as items
    from log_readers where name = ${READER}`.execute(db)
  return { items: rows[0]!.items ?? [], asOf: asOf ?? rows[0]!.asOf }
}

/**
 * Notes where a walk may go on. A new one only where the lists have not moved on since its page: what moves from then
 * on leaves behind where it stood. False where they have.
 */
export async function openWalk(
  ctx: Context<Actor>,
  { kind, ownerId }: ActivityList,
  { spots, asOf, isNew }: { spots: Spot[]; asOf: number; isNew: boolean },
): Promise<boolean> {
  const expiresAt = addMs(ctx.now(), WALK_KEPT_MS)
  const rows = spots.map(({ isBackward, item: { itemId, position } }) => {
    return { kind, ownerId, isBackward, itemId, position, asOf, expiresAt }
  })
  return ctx.transaction(async (ctx) => {
    if (isNew && (await holdReader(ctx.db)) !== asOf) return false
    await ctx.db
      .insertInto('listWalks')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['kind', 'ownerId', 'isBackward', 'itemId']).doUpdateSet((eb) => ({
          position: eb.ref('excluded.position'),
          asOf: eb.ref('excluded.asOf'),
          expiresAt: eb.ref('excluded.expiresAt'),
        })),
      )
      .execute()
    return true
  })
}

/** Keeps the reader from going on until the transaction ends. */
async function holdReader(db: Database): Promise<number> {
  const reader = await db
    .selectFrom('logReaders')
    .select('position')
    .where('name', '=', READER)
    .forShare()
    .executeTakeFirstOrThrow()
  return reader.position
}
