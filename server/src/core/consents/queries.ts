import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { Consent, ConsentKey } from './schema.ts'

export const CONSENT_COLUMNS = [
  'id',
  'workspaceId',
  'contactId',
  'transport',
  'address',
  'isOptedOut',
  'source',
  'evidence',
  'messageId',
  'actorUserId',
  'createdAt',
] as const

/** Most addresses that are asked about at once. */
export const OPT_OUTS_ASKED_MAX = 1_000

/** The newest of an address and a transport: it is what counts. */
export async function findNewestConsent(db: Database, key: ConsentKey): Promise<Consent | undefined> {
  return selectConsents(db, key).executeTakeFirst()
}

/** What a message said there, where it was applied already. */
export async function findConsentOfMessage(
  db: Database,
  { messageId, ...key }: ConsentKey & { messageId: string },
): Promise<Consent | undefined> {
  return selectConsents(db, key).where('messageId', '=', messageId).executeTakeFirst()
}

function selectConsents(db: Database, { workspaceId, transport, address }: ConsentKey) {
  return db
    .selectFrom('consents')
    .select(CONSENT_COLUMNS)
    .where('workspaceId', '=', workspaceId)
    .where('transport', '=', transport)
    .where('address', '=', address)
    .orderBy('id', 'desc')
    .limit(1)
    .$narrowType<Pick<Consent, 'transport' | 'source'>>()
}

/** Whether the person does not want to hear from the workspace there; `address` is in its one spelling. */
export async function isOptedOut(db: Database, key: ConsentKey): Promise<boolean> {
  return (await findNewestConsent(db, key))?.isOptedOut ?? false
}

/** Which of up to 1,000 addresses are opted out, by one query. */
export async function findOptOuts(
  db: Database,
  { workspaceId, transport, addresses }: Omit<ConsentKey, 'address'> & { addresses: string[] },
): Promise<Set<string>> {
  if (addresses.length > OPT_OUTS_ASKED_MAX) throw new Error(`Ask about at most ${OPT_OUTS_ASKED_MAX} addresses.`)
  if (addresses.length === 0) return new Set()
  const { rows } = await sql<{ address: string }>`
    select a.address from unnest(${addresses}::text[]) as a (address) cross join lateral (
      select is_opted_out from consents
      where workspace_id = ${workspaceId} and transport = ${transport} and address = a.address
      order by id desc limit 1
    ) newest where newest.is_opted_out`.execute(db)
  return new Set(rows.map(({ address }) => address))
}
