import type { ClientActor } from '../actor.ts'
import type { ContactSummary } from '../contacts/schema.ts'
import type { Context } from '../context.ts'
import type { Conversation } from '../conversations/schema.ts'
import { AppError, invalidField } from '../errors.ts'
import { createStream, lockStreams } from '../log/append-events.ts'
import { parseName } from '../name.ts'
import { contactsKey, findConversationId, findCustomerConversations } from './queries.ts'
import { CONTACTS_MAX, CONTACTS_MIN, type CustomerConversation } from './schema.ts'

const NAME = { field: 'name', charactersMax: 255 }
/** What a general conversation is called. */
const GENERAL_NAME = 'general'

/**
 * Makes the general conversation of some contacts, and announces it to them. A set of contacts has one, whatever their
 * order: a second is refused with `general_conversation_exists`.
 */
export async function createGeneralConversation(
  ctx: Context<ClientActor>,
  { contactIds }: { contactIds: string[] },
): Promise<CustomerConversation> {
  return withContacts(ctx, contactIds, async (ctx, contacts) => {
    const existingId = await findInWorkspace(ctx, { contactIds, name: null })
    if (existingId !== undefined)
      throw new AppError('general_conversation_exists', { param: 'contact_ids', existingId })
    return insertConversation(ctx, { contacts, name: null })
  })
}

/** The general conversation of some contacts, made where there is none. */
export async function openGeneralConversation(
  ctx: Context<ClientActor>,
  { contactIds }: { contactIds: string[] },
): Promise<{ id: string }> {
  const known = await findInWorkspace(ctx, { contactIds, name: null })
  if (known !== undefined) return { id: known }
  return withContacts(ctx, contactIds, (ctx, contacts) => openGeneral(ctx, contacts))
}

/**
 * The conversation that some contacts have under a name, made where there is none, and announced to them. They then
 * have a general one too.
 */
export async function openNamedConversation(
  ctx: Context<ClientActor>,
  { contactIds, name: text }: { contactIds: string[]; name: string },
): Promise<CustomerConversation> {
  const name = parseName(text, NAME)
  return withContacts(ctx, contactIds, async (ctx, contacts) => {
    await openGeneral(ctx, contacts)
    const existingId = await findInWorkspace(ctx, { contactIds, name })
    if (existingId === undefined) return insertConversation(ctx, { contacts, name })
    return (await findCustomerConversations(ctx.db, ctx.actor.workspaceId, [existingId])).get(existingId)!
  })
}

/** Runs a transaction that holds the contacts' heads, so that of two who make the same conversation one waits. */
async function withContacts<T>(
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

function findInWorkspace(
  ctx: Context<ClientActor>,
  wanted: { contactIds: string[]; name: string | null },
): Promise<string | undefined> {
  return findConversationId(ctx.db, { ...wanted, workspaceId: ctx.actor.workspaceId })
}

async function openGeneral(ctx: Context<ClientActor>, contacts: ContactSummary[]): Promise<{ id: string }> {
  const id = await findInWorkspace(ctx, { contactIds: contacts.map(({ id }) => id), name: null })
  if (id !== undefined) return { id }
  return (await insertConversation(ctx, { contacts, name: null })).conversation
}

type NewConversation = { contacts: ContactSummary[]; name: string | null }

async function insertConversation(
  ctx: Context<ClientActor>,
  { contacts, name }: NewConversation,
): Promise<CustomerConversation> {
  const { workspaceId } = ctx.actor
  const now = ctx.now()
  const conversation: Conversation = {
    id: ctx.newId(),
    workspaceId,
    kind: 'customer',
    name: name ?? GENERAL_NAME,
    description: null,
    isPrivate: true,
    isGeneral: name === null,
    createdBy: null,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  }
  const { id } = conversation
  await createStream(ctx.db, id, 'conversation')
  const key = contactsKey(contacts.map((contact) => contact.id))
  await ctx.db
    .insertInto('conversations')
    .values({ ...conversation, contactsKey: key })
    .execute()
  const places = contacts.map((contact, place) => ({ conversationId: id, contactId: contact.id, place, joinedAt: now }))
  await ctx.db.insertInto('contactParticipants').values(places).execute()
  const data = { conversation, contacts }
  ctx.record({ type: 'conversation.opened', streamId: id, workspaceId, data })
  for (const contact of contacts) ctx.record({ type: 'contact.joined', streamId: contact.id, workspaceId, data })
  return { conversation, contacts, activeAt: now }
}
