import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { parseChannelName, parseDescription, refuseTakenName } from './channel-fields.ts'
import { auditChannel, holdManaged } from './managed-channel.ts'
import { CONVERSATION_COLUMNS, listGuestParticipantIds } from './queries.ts'
import type { Conversation, ConversationKind, ConversationView } from './schema.ts'
import { getView } from './views.ts'

export type UpdateChannel = {
  conversationId: string
  name?: string
  description?: string | null
  isPrivate?: boolean
}

type ChannelFields = Pick<Conversation, 'name' | 'description' | 'isPrivate'>

/**
 * Changes a channel's name, description or privacy. Announced to whom it was visible and to whom it is: the workspace
 * forgets a channel that becomes private, and learns of one that becomes public. No change announces nothing.
 */
export async function updateChannel(ctx: Context<UserActor>, input: UpdateChannel): Promise<ConversationView> {
  const { conversationId } = input
  const changes: Partial<ChannelFields> = {
    ...(input.name !== undefined && { name: parseChannelName(input.name) }),
    ...(input.description !== undefined && { description: parseDescription(input.description) }),
    ...(input.isPrivate !== undefined && { isPrivate: input.isPrivate }),
  }
  const updated = ctx.transaction(async (ctx) => {
    const listGuestIds = () => listGuestParticipantIds(ctx.db, conversationId)
    const { conversation: before, participantIds: guestIds } = await holdManaged(ctx, conversationId, listGuestIds)
    const wanted = { ...fieldsOf(before), ...changes }
    if (!isSame(fieldsOf(before), wanted)) {
      const after = await setFields(ctx, conversationId, wanted)
      announce(ctx, { before, after, guestIds })
      await auditChannel(ctx, after, { action: 'channel.update', before: fieldsOf(before), after: wanted })
    }
    return getView(ctx.db, ctx.actor.id, conversationId)
  })
  return refuseTakenName(updated)
}

function fieldsOf({ name, description, isPrivate }: Conversation): ChannelFields {
  return { name, description, isPrivate }
}

function isSame(a: ChannelFields, b: ChannelFields): boolean {
  return a.name === b.name && a.description === b.description && a.isPrivate === b.isPrivate
}

async function setFields(ctx: Context<UserActor>, id: string, fields: ChannelFields): Promise<Conversation> {
  return ctx.db
    .updateTable('conversations')
    .set({ ...fields, updatedAt: ctx.now() })
    .where('id', '=', id)
    .returning(CONVERSATION_COLUMNS)
    .$narrowType<{ kind: ConversationKind }>()
    .executeTakeFirstOrThrow()
}

type Change = { before: Conversation; after: Conversation; guestIds: string[] }

function announce(ctx: Context<UserActor>, { before, after, guestIds }: Change): void {
  const { id, workspaceId } = after
  const staysPublic = !before.isPrivate && !after.isPrivate
  if (before.isPrivate && !after.isPrivate) {
    ctx.record({ type: 'conversation.created', streamId: workspaceId!, workspaceId, data: { conversation: after } })
  }
  // Guests follow no workspace: those who are in a public channel hear of it on their own streams.
  for (const streamId of staysPublic ? [workspaceId!, ...guestIds] : [id]) {
    ctx.record({ type: 'conversation.updated', streamId, workspaceId, data: { conversation: after } })
  }
  if (!before.isPrivate && after.isPrivate) {
    ctx.record({ type: 'conversation.hidden', streamId: workspaceId!, workspaceId, data: { conversationId: id } })
  }
}
