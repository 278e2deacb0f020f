import type { ClientActor } from '../actor.ts'
import type { ContactSummary } from '../contacts/schema.ts'
import type { Context } from '../context.ts'
import type { Conversation } from '../conversations/schema.ts'
import { createStream } from '../log/append-events.ts'
import { contactsKey } from './queries.ts'
import type { CustomerConversation } from './schema.ts'

/** What a general conversation is called. */
const GENERAL_NAME = 'general'

/** Without a name it is the general one. */
type NewConversation = { contacts: ContactSummary[]; name: string | null }

/** Writes a conversation with its contacts, and announces it to them. The caller holds the contacts' heads. */
export async function insertConversation(
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
