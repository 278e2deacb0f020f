import { Type } from 'typebox'
import { searchMessages } from '../../core/search/search-messages.ts'
import { sendAsItIs } from '../../http/json-body.ts'
import type { TeamChatApp } from './app.ts'
import { PageQuery } from './page-query.ts'
import { Id } from './present.ts'
import { MessageList, presentMessageList } from './present-message.ts'

/** @see docs/api/team-chat.md */
export function registerSearchRoutes(app: TeamChatApp): void {
  app.get('/search/messages', { schema: searchMessagesSchema }, async (req, reply) => {
    const { q: query, workspace_id: workspaceId, limit, cursor } = req.query
    const page = await searchMessages(req.ctx, { query, workspaceId, limit, cursor })
    return sendAsItIs(reply, await presentMessageList(req.ctx, page))
  })
}

const searchMessagesSchema = {
  operationId: 'searchMessages',
  summary: 'Messages that you can see, newest first',
  tags: ['Search'],
  querystring: Type.Object({
    ...PageQuery,
    q: Type.String({
      description:
        'Words (the last one may be a beginning), "phrases", `from:@user`, `from:me`, `in:#channel`, `in:@user`, `before:`, `after:` and `on:` a date, `has:` link, file, reaction, thread or mention. Up to 1,000 characters.',
    }),
    workspace_id: Type.Optional(Id('Only the channels of this workspace.')),
  }),
  response: { 200: MessageList },
}
