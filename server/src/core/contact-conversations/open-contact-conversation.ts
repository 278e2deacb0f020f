import { requireTeam, type TeamActor } from '../addresses/policy.ts'
import { findContact } from '../contacts/queries.ts'
import type { Context } from '../context.ts'
import type { Conversation } from '../conversations/schema.ts'
import type { Transport } from '../deliveries/carrier.ts'
import { AppError } from '../errors.ts'
import { createStream, lockStream } from '../log/append-events.ts'
import { findContactConversation } from './queries.ts'
import type { ContactConversation } from './schema.ts'

export type OpenContactConversation = {
  workspaceId: string
  contactId: string
  /** What it is opened for, until the first message says; unless said, how the contact can be reached. */
  transport?: Transport | undefined
}

/**
 * The one conversation with a contact, made and announced where there is none. For members of the workspace other than
 * guests, and for the program itself when somebody writes first.
 */
export async function openContactConversation(
  ctx: Context<TeamActor>,
  input: OpenContactConversation,
): Promise<ContactConversation> {
  await requireTeam(ctx, input.workspaceId)
  const known = await findContactConversation(ctx.db, input)
  return known ?? ctx.transaction((inner) => openInside(inner, input))
}

async function openInside(ctx: Context, input: OpenContactConversation): Promise<ContactConversation> {
  // Of two who open it at once, one waits here and then finds the other's.
  await lockStream(ctx.db, input.contactId)
  const contact = await findContact(ctx.db, input)
  if (contact === undefined) throw new AppError('contact_not_found', 'contact_id')
  const known = await findContactConversation(ctx.db, input)
  if (known !== undefined) return known
  const transport = input.transport ?? (contact.phone == null && contact.email !== null ? 'email' : 'sms')
  const opened = await insertContactConversation(ctx, { ...input, transport })
  const { id, name } = contact
  const { conversation } = opened
  const { workspaceId } = conversation
  const data = { conversation, contact: { id, name } }
  ctx.record({ type: 'contact_conversation.opened', streamId: conversation.id, workspaceId, data })
  return opened
}

async function insertContactConversation(
  ctx: Context,
  { workspaceId, contactId, transport }: OpenContactConversation & { transport: Transport },
): Promise<ContactConversation> {
  const now = ctx.now()
  const conversation: Conversation & { workspaceId: string } = {
    id: ctx.newId(),
    workspaceId,
    kind: 'contact',
    name: null,
    description: null,
    isPrivate: true,
    isGeneral: false,
    createdBy: ctx.actor.kind === 'user' ? ctx.actor.id : null,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  }
  await createStream(ctx.db, conversation.id, 'conversation')
  await ctx.db.insertInto('conversations').values(conversation).execute()
  const row = { conversationId: conversation.id, workspaceId, contactId, transport, activeAt: now }
  await ctx.db.insertInto('contactConversations').values(row).execute()
  return { conversation, contactId, transport, activeAt: now, isStarred: false, readOrdinal: 0, keptUnread: 0 }
}
