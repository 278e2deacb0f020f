import { Type } from 'typebox'
import { findDirectConversation } from '../../core/conversations/find-direct-conversation.ts'
import { listDirectConversations } from '../../core/conversations/list-direct-conversations.ts'
import { requireSameSend } from '../../core/idempotency/require-same-send.ts'
import { listMessages } from '../../core/messages/list-messages.ts'
import { openForDirectMessage } from '../../core/messages/open-for-direct-message.ts'
import { sendMessage } from '../../core/messages/send-message.ts'
import { sendOnce } from '../../http/idempotency.ts'
import type { TeamChatApp } from './app.ts'
import { HistoryQuery, MessageInput, readHistoryQuery, readMessageInput } from './message-input.ts'
import { PageQuery } from './page-query.ts'
import { Id } from './present.ts'
import { DmList, presentDms } from './present-dm.ts'
import { HistoryList, MessageObject, presentHistory, presentOneMessage } from './present-message.ts'

/** @see docs/api/team-chat.md */
export function registerDmRoutes(app: TeamChatApp): void {
  app.get('/dms', { schema: schemas.listDms }, async (req) =>
    presentDms(req.ctx, await listDirectConversations(req.ctx, req.query)),
  )

  const sending = { config: { idempotency: 'message-log' as const, limit: 'sends' as const }, schema: schemas.sendDm }
  app.post('/dms/users/:user_id/messages', sending, async (req, reply) => {
    const message = readMessageInput(req.body, req.ctx.ports.files)
    const { id: conversationId } = await openForDirectMessage(req.ctx, { userId: req.params.user_id, message })
    const input = { ...message, conversationId }
    const sending = { ctx: req.ctx, input, send: sendMessage, requireSame: requireSameSend }
    const { message: sent } = await sendOnce(req, reply, sending)
    return presentOneMessage(req.ctx, sent)
  })

  app.get('/dms/users/:user_id/messages', { schema: schemas.listDmMessages }, async (req) => {
    const conversation = await findDirectConversation(req.ctx, { userId: req.params.user_id })
    const page =
      conversation === undefined
        ? { rows: [], nextCursor: null, previousCursor: null }
        : await listMessages(req.ctx, { ...readHistoryQuery(req.query), conversationId: conversation.id })
    return presentHistory(req.ctx, page)
  })
}

const tags = ['Direct messages']
const params = Type.Object({ user_id: Id('The other person; yourself for your notebook.') })

const schemas = {
  listDms: {
    operationId: 'listDms',
    summary: 'Your direct conversations: those in which somebody wrote, and those that you opened',
    tags,
    querystring: Type.Object(PageQuery),
    response: { 200: DmList },
  },
  sendDm: {
    operationId: 'sendDirectMessage',
    summary: 'Write to somebody you share a workspace with',
    tags,
    params,
    body: MessageInput,
    response: { 200: MessageObject, 201: MessageObject },
  },
  listDmMessages: {
    operationId: 'listDirectMessages',
    summary: 'What you and somebody wrote to each other, newest first; empty if you never spoke',
    tags,
    params,
    querystring: HistoryQuery,
    response: { 200: HistoryList },
  },
}
