import { Type } from 'typebox'
import { getReadable } from '../../core/conversations/policy.ts'
import { requireSameSend } from '../../core/idempotency/require-same-send.ts'
import { deleteMessage } from '../../core/messages/delete-message.ts'
import { editMessage } from '../../core/messages/edit-message.ts'
import { getMessage } from '../../core/messages/get-message.ts'
import { listMessages } from '../../core/messages/list-messages.ts'
import { listRevisions } from '../../core/messages/list-revisions.ts'
import { sendMessage } from '../../core/messages/send-message.ts'
import { sendOnce } from '../../http/idempotency.ts'
import { sendJsonBytes } from '../../http/json-body.ts'
import type { PageCache } from '../../http/page-cache.ts'
import type { TeamChatApp } from './app.ts'
import { HistoryQuery, MessageInput, readHistoryQuery, readMessageInput } from './message-input.ts'
import { PageQuery } from './page-query.ts'
import { Id, ListOf, presentList, Time } from './present.ts'
import { HistoryList, MessageObject, presentHistory, presentOneMessage } from './present-message.ts'

/** @see docs/api/team-chat.md */
export function registerMessageRoutes(app: TeamChatApp, pages: PageCache): void {
  const sending = {
    config: { idempotency: 'message-log' as const, limit: 'sends' as const },
    schema: sendMessageSchema,
  }
  app.post('/channels/:channel_id/messages', sending, async (req, reply) => {
    const input = { ...readMessageInput(req.body, req.ctx.ports.files), conversationId: req.params.channel_id }
    const sending = { ctx: req.ctx, input, send: sendMessage, requireSame: requireSameSend }
    const { message } = await sendOnce(req, reply, sending)
    return presentOneMessage(req.ctx, message)
  })

  app.get('/channels/:channel_id/messages', { schema: listMessagesSchema }, async (req, reply) => {
    const { ctx, query } = req
    const conversationId = req.params.channel_id.toLowerCase()
    const input = { ...readHistoryQuery(query), conversationId }
    // Its shape is that of the schema already, and checking each field once more would cost more than all else.
    const make = async () => Buffer.from(JSON.stringify(await presentHistory(ctx, await listMessages(ctx, input))))
    if (query.cursor || query.around || query.order === 'asc') return sendJsonBytes(reply, await make())
    await getReadable(ctx, conversationId, 'conversation_id')
    return sendJsonBytes(reply, await pages.get(conversationId, `${input.limit} ${input.includeReplies}`, make))
  })

  app.get('/messages/:message_id', { schema: getMessageSchema }, async (req) => {
    return presentOneMessage(req.ctx, await getMessage(req.ctx, { messageId: req.params.message_id }))
  })

  app.route({
    method: ['PUT', 'PATCH'],
    url: '/messages/:message_id',
    schema: editMessageSchema,
    handler: async (req) => {
      const { body, revision } = req.body
      return presentOneMessage(
        req.ctx,
        await editMessage(req.ctx, { messageId: req.params.message_id, body, revision }),
      )
    },
  })

  app.delete('/messages/:message_id', { schema: deleteMessageSchema }, async (req, reply) => {
    await deleteMessage(req.ctx, { messageId: req.params.message_id })
    return reply.code(204).send(null)
  })

  app.get('/messages/:message_id/revisions', { schema: listRevisionsSchema }, async (req) => {
    const page = await listRevisions(req.ctx, { ...req.query, messageId: req.params.message_id })
    return presentList(page, ({ revision, body, replacedAt, replacedBy }) => {
      return { revision, body, replaced_at: replacedAt, replaced_by: replacedBy }
    })
  })
}

const tags = ['Messages']
const ofChannel = Type.Object({ channel_id: Id('The channel or direct conversation.') })
const ofMessage = Type.Object({ message_id: Id('The message.') })

const sendMessageSchema = {
  operationId: 'sendMessage',
  summary: 'Send a message to a channel',
  tags,
  params: ofChannel,
  body: MessageInput,
  response: { 200: MessageObject, 201: MessageObject },
}

const listMessagesSchema = {
  operationId: 'listMessages',
  summary: 'The history of a channel, newest first',
  tags,
  params: ofChannel,
  querystring: HistoryQuery,
  response: { 200: HistoryList },
}

const getMessageSchema = {
  operationId: 'getMessage',
  summary: 'One message',
  tags,
  params: ofMessage,
  response: { 200: MessageObject },
}

const editMessageSchema = {
  operationId: 'editMessage',
  summary: 'Change the text of your own message',
  tags,
  params: ofMessage,
  body: Type.Object({
    body: Type.String({ maxLength: 40_000, description: 'The new text, up to 40,000 characters.' }),
    revision: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
        description: 'The revision that you have seen: 409 `edit_conflict` where it is not the current one.',
      }),
    ),
  }),
  response: { 200: MessageObject },
}

const deleteMessageSchema = {
  operationId: 'deleteMessage',
  summary: 'Delete a message: yours, or as owner or admin of its workspace',
  tags,
  params: ofMessage,
  response: { 204: Type.Null({ description: 'It is deleted.' }) },
}

const listRevisionsSchema = {
  operationId: 'listRevisions',
  summary: 'What a message said before, newest first: for its author, owners and admins',
  tags,
  params: ofMessage,
  querystring: Type.Object(PageQuery),
  response: {
    200: ListOf(
      Type.Object({
        revision: Type.Integer({ description: 'Its number, from 0.' }),
        body: Type.String({ description: 'The text then.' }),
        replaced_at: Time('When it was edited or deleted.'),
        replaced_by: Id('By whom.'),
      }),
      'Revisions.',
    ),
  },
}
