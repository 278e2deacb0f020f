import { Type } from 'typebox'
import { listTimeline } from '../../core/contact-conversations/list-timeline.ts'
import { invalidField } from '../../core/errors.ts'
import { parseMoment } from '../../core/parse-moment.ts'
import type { Timestamp } from '../../platform/clock.ts'
import type { InboxApp } from './app.ts'
import { PageQuery, presentReply, ReplyOf } from './envelope.ts'
import { MessageObject, presentMessage } from './present-message.ts'
import { readWorkspaceId } from './workspace.ts'

/** @see docs/api/inbox.md#messages */
export function registerMessageRoutes(app: InboxApp): void {
  app.get('/api/v1/conversations/:conversationId/messages', { schema: listMessagesSchema }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    const { page, pageSize } = req.query
    const before = readMoment(req.query.before, 'before')
    const after = readMoment(req.query.after, 'after')
    const key = { ...req.params, workspaceId }
    const { rows, totalCount, contactName } = await listTimeline(req.ctx, { ...key, before, after, page, pageSize })
    const { files } = req.ctx.ports
    const meta = { total: totalCount, page, pageSize, hasMore: page * pageSize < totalCount }
    return presentReply({ data: rows.map((row) => presentMessage(row, { contactName, files })), meta })
  })
}

/** A moment in a query; none where it is empty. */
export function readMoment(text: string | undefined, field: string): Timestamp | undefined {
  if (text === undefined || text === '') return undefined
  const at = parseMoment(text)
  if (at === undefined) throw invalidField(field, 'must be a time such as 2026-01-31T09:30:00Z')
  return at
}

const moment = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }))

const listMessagesSchema = {
  operationId: 'listMessages',
  summary: 'The messages of a conversation: page 1 is the newest, and on each page the oldest comes first',
  tags: ['Messages'],
  params: Type.Object({ conversationId: Type.String({ format: 'uuid', description: 'The conversation.' }) }),
  querystring: Type.Object({
    ...PageQuery,
    before: moment(
      'ISO 8601: only what was sent before. The same on every page keeps new messages from moving the pages.',
    ),
    after: moment('ISO 8601: only what was sent after.'),
  }),
  response: {
    200: ReplyOf(
      Type.Object({
        data: Type.Array(MessageObject),
        meta: Type.Object({
          total: Type.Integer({ description: 'How many there are on all pages.' }),
          page: Type.Integer(),
          pageSize: Type.Integer(),
          hasMore: Type.Boolean({ description: 'Whether there are older ones on the next page.' }),
        }),
      }),
      'Messages.',
    ),
  },
}
