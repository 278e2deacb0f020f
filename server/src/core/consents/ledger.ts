// The ledger of consents is only added to, and its newest row by id counts. So rows of one address get rising ids in the
// order in which they commit, whatever the clocks of the nodes say: each is added with the address held, and its id is
// made to be higher than the newest one's.

import { lockAddress } from '../addresses/lock-address.ts'
import type { AddressKind } from '../addresses/schema.ts'
import type { Context } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { findNewestConsent } from './queries.ts'
import type { Consent, ConsentKey } from './schema.ts'

export type HeldConsents = ConsentKey & {
  contactId: string
  newest: Consent | undefined
}

/** Holds the contact's head and then the address: nobody else adds to its ledger until the transaction ends. */
export async function holdConsents(
  ctx: Context,
  { workspaceId, contactId, transport, address }: ConsentKey & { contactId: string },
): Promise<HeldConsents> {
  await requireContact(ctx, { workspaceId, contactId })
  await lockStream(ctx.db, contactId)
  await lockAddress(ctx.db, { workspaceId, kind: kindOf(transport), value: address })
  const key = { workspaceId, transport, address }
  return { ...key, contactId, newest: await findNewestConsent(ctx.db, key) }
}

type Statement = Pick<Consent, 'isOptedOut' | 'source' | 'evidence' | 'messageId'> & Partial<Pick<Consent, 'createdAt'>>

/** Adds a row, and announces it. */
export async function appendConsent(ctx: Context, held: HeldConsents, statement: Statement): Promise<Consent> {
  const { newest, ...key } = held
  const consent: Consent = {
    ...key,
    ...statement,
    id: idAfter(newest?.id, ctx.newId()),
    actorUserId: ctx.actor.kind === 'user' ? ctx.actor.id : null,
    createdAt: statement.createdAt ?? ctx.now(),
  }
  await ctx.db.insertInto('consents').values(consent).execute()
  const { contactId, workspaceId } = consent
  ctx.record({ type: 'consent.changed', streamId: contactId, workspaceId, data: { consent } })
  return consent
}

/** The kind of address that a transport reaches. */
export function kindOf(transport: Transport): AddressKind {
  return transport === 'email' ? 'email' : 'phone'
}

/** Also a deleted one: a carrier may tell of it later. */
async function requireContact(ctx: Context, { workspaceId, contactId }: { workspaceId: string; contactId: string }) {
  const row = await ctx.db
    .selectFrom('contacts')
    .select('id')
    .where('id', '=', contactId)
    .where('workspaceId', '=', workspaceId)
    .executeTakeFirst()
  if (row === undefined) throw new AppError('contact_not_found', 'contact_id')
}

/** The id, or, where it is not above the newest one, the next above that. */
export function idAfter(newest: string | undefined, id: string): string {
  if (newest === undefined || id > newest) return id
  const next = BigInt(`0x${newest.replaceAll('-', '')}`) + 1n
  return next
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
