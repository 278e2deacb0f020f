import type { Database } from '../../platform/database/database.ts'
import type { Transport } from '../deliveries/carrier.ts'
import type { Sender } from './schema.ts'

const SENDER_COLUMNS = [
  'id',
  'workspaceId',
  'transport',
  'address',
  'name',
  'carrier',
  'isDefault',
  'createdAt',
  'updatedAt',
] as const

/** The workspace's sender with this address, else its default one; undefined where it has none. */
export async function findSender(
  db: Database,
  { workspaceId, transport, address }: { workspaceId: string; transport: Transport; address: string | null },
): Promise<Sender | undefined> {
  const row = await db
    .selectFrom('senders')
    .select(SENDER_COLUMNS)
    .where('workspaceId', '=', workspaceId)
    .where('transport', '=', transport)
    .where('deletedAt', 'is', null)
    .where((eb) => (address === null ? eb('isDefault', '=', true) : eb('address', '=', address)))
    .executeTakeFirst()
  return row as Sender | undefined
}

/** Whoever is reached at an address of ours. */
export async function findSenderByAddress(
  db: Database,
  { transport, address }: { transport: Transport; address: string },
): Promise<Sender | undefined> {
  const row = await db
    .selectFrom('senders')
    .select(SENDER_COLUMNS)
    .where('transport', '=', transport)
    .where('address', '=', address)
    .where('deletedAt', 'is', null)
    .executeTakeFirst()
  return row as Sender | undefined
}

export async function insertSender(db: Database, sender: Sender): Promise<void> {
  await db.insertInto('senders').values(sender).execute()
}
