import type { Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'

/** An address of ours beside one of the contact's. */
export type LegKey = { conversationId: string; senderId: string; address: string }

/** When the person last wrote there; null for never. */
export async function findLastInbound(
  db: Database,
  { conversationId, senderId, address }: LegKey,
): Promise<Timestamp | null> {
  const leg = await db
    .selectFrom('legs')
    .select('lastInboundAt')
    .where('conversationId', '=', conversationId)
    .where('senderId', '=', senderId)
    .where('address', '=', address)
    .executeTakeFirst()
  return leg?.lastInboundAt ?? null
}

/** Writes down that something went there, or came from there at a moment: the latest counts. */
export async function touchLeg(
  db: Database,
  { at, lastInboundAt, ...key }: LegKey & { at: Timestamp; lastInboundAt: Timestamp | null },
): Promise<void> {
  await db
    .insertInto('legs')
    .values({ ...key, lastInboundAt, createdAt: at })
    .onConflict((conflict) =>
      conflict
        .columns(['conversationId', 'senderId', 'address'])
        .doUpdateSet(({ fn, ref }) => ({
          lastInboundAt: fn<Timestamp | null>('greatest', [ref('legs.lastInboundAt'), ref('excluded.lastInboundAt')]),
        }))
        .where(({ eb, ref }) => eb(ref('excluded.lastInboundAt'), 'is not', null)),
    )
    .execute()
}
