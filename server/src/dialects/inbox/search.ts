import { Type } from 'typebox'
import { listContactConversations } from '../../core/contact-conversations/list-contact-conversations.ts'
import type { InboxApp } from './app.ts'
import { readChannel } from './channels.ts'
import { ConversationFilters, SEARCH_DOC } from './conversations.ts'
import { PageQuery, presentReply, ReplyOf } from './envelope.ts'
import { ConversationObject, presentConversation } from './present.ts'
import { readWorkspaceId } from './workspace.ts'

/** @see docs/api/inbox.md#conversations */
export function registerSearchRoutes(app: InboxApp): void {
  app.get('/api/v1/conversations/search', { schema: searchSchema }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    const { q: search, channel, ...query } = req.query
    const transport = channel && readChannel(channel)
    const list = { ...query, search, searchField: 'q', transport, workspaceId }
    const { rows } = await listContactConversations(req.ctx, list)
    return presentReply(rows.map(presentConversation))
  })
}

const searchSchema = {
  operationId: 'searchConversations',
  summary: 'Find conversations, latest first',
  tags: ['Conversations'],
  querystring: Type.Object({
    q: Type.String({ minLength: 1, maxLength: 256, description: SEARCH_DOC }),
    ...ConversationFilters,
    ...PageQuery,
  }),
  response: { 200: ReplyOf(Type.Array(ConversationObject), 'Conversations.') },
}
