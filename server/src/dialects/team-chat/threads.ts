import { Type } from 'typebox'
import { listReplies } from '../../core/messages/list-replies.ts'
import { sendAsItIs } from '../../http/json-body.ts'
import type { TeamChatApp } from './app.ts'
import { HistoryQuery } from './message-input.ts'
import { Id } from './present.ts'
import { MessageList, presentMessageList } from './present-message.ts'

/** @see docs/api/team-chat.md */
export function registerThreadRoutes(app: TeamChatApp): void {
  app.get('/messages/:message_id/replies', { schema: listRepliesSchema }, async (req, reply) => {
    const page = await listReplies(req.ctx, { ...req.query, messageId: req.params.message_id })
    return sendAsItIs(reply, await presentMessageList(req.ctx, page))
  })
}

const { limit, cursor } = HistoryQuery.properties

const listRepliesSchema = {
  operationId: 'listReplies',
  summary: 'The replies to a message, oldest first',
  tags: ['Messages'],
  params: Type.Object({ message_id: Id('The thread’s root; a reply has no replies of its own.') }),
  querystring: Type.Object({
    limit,
    cursor,
    order: Type.Optional(Type.Enum(['asc', 'desc'], { default: 'asc', description: 'Oldest or newest first.' })),
  }),
  response: { 200: MessageList },
}
