import { type Static, Type } from 'typebox'
import { type BeginConversation, beginConversation } from '../../core/contact-conversations/begin-conversation.ts'
import { invalidField } from '../../core/errors.ts'
import type { InboxApp } from './app.ts'
import { ChannelText, readChannel } from './channels.ts'
import { ContactInput, readContactInput } from './contact-input.ts'
import { presentReply, ReplyOf } from './envelope.ts'
import { ConversationObject, presentConversation } from './present.ts'
import { readWorkspaceId } from './workspace.ts'

/** @see docs/api/inbox.md#conversations */
export function registerBeginRoute(app: InboxApp): void {
  app.post('/api/v1/conversations', { schema: beginSchema }, async (req, reply) => {
    const { channel } = req.body
    const transport = channel && readChannel(channel)
    const partner = readPartner(req.body)
    const workspaceId = await readWorkspaceId(req)
    const view = await beginConversation(req.ctx, { workspaceId, with: partner, transport })
    return reply.code(201).send(presentReply(presentConversation(view)))
  })
}

const BeginInput = Type.Object({
  contact: Type.Optional(ContactInput),
  contactId: Type.Optional(Type.String({ format: 'uuid', description: 'A contact, in place of `contact`.' })),
  channel: Type.Optional(ChannelText),
})

function readPartner({ contact, contactId }: Static<typeof BeginInput>): BeginConversation['with'] {
  if (contact !== undefined && contactId !== undefined) {
    throw invalidField('contactId', 'must be left out where contact is given')
  }
  if (contactId !== undefined) return { contactId }
  if (contact !== undefined) return { contact: readContactInput(contact) }
  throw invalidField('contact', 'is required where contactId is left out')
}

const beginSchema = {
  operationId: 'beginConversation',
  summary: 'Begin the conversation with a contact; where there is one already it is answered unchanged',
  tags: ['Conversations'],
  body: BeginInput,
  response: { 201: ReplyOf(ConversationObject, 'The conversation.') },
}
