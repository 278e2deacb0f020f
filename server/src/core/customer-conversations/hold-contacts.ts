import type { ClientActor } from '../actor.ts'
import type { ContactSummary } from '../contacts/schema.ts'
import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { lockStreams } from '../log/append-events.ts'
import { CONTACTS_MAX, CONTACTS_MIN } from './schema.ts'

/** Runs a transaction that holds the contacts' heads, so that of two who make the same conversation one waits. */
export async function withContacts<T>(
  ctx: Context<ClientActor>,
  contactIds: string[],
  work: (ctx: Context<ClientActor>, contacts: ContactSummary[]) => Promise<T>,
): Promise<T> {
  requireSet(contactIds)
  return ctx.transaction(async (ctx) => {
    await lockStreams(ctx.db, contactIds)
    return work(ctx, await getContacts(ctx, contactIds))
  })
}

function requireSet(contactIds: string[]) {
  if (contactIds.length < CONTACTS_MIN || contactIds.length > CONTACTS_MAX) {
    throw invalidField('contact_ids', `must name ${CONTACTS_MIN} to ${CONTACTS_MAX} contacts`)
  }
  const again = contactIds.findIndex((id, i) => contactIds.indexOf(id) < i)
  if (again !== -1) throw invalidField(`contact_ids.${again}`, 'is named twice')
}

async function getContacts(ctx: Context<ClientActor>, ids: string[]): Promise<ContactSummary[]> {
  const rows = await ctx.db
    .selectFrom('contacts')
    .select(['id', 'name'])
    .where('id', 'in', ids)
    .where('workspaceId', '=', ctx.actor.workspaceId)
    .where('deletedAt', 'is', null)
    .execute()
  const known = new Map(rows.map((row) => [row.id, row]))
  const missing = ids.flatMap((id, i) => (known.has(id) ? [] : [[`contact_ids.${i}`, ['is not a contact of yours']]]))
  if (missing.length > 0) throw new AppError('invalid_request', { fields: Object.fromEntries(missing) })
  return ids.map((id) => known.get(id)!)
}
