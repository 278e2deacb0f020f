import { Type } from 'typebox'
import { listUpdates, type Updates, type UpdatesSince } from '../../core/contact-conversations/list-updates.ts'
import type { NamedMessage } from '../../core/contact-conversations/schema.ts'
import { parseMoment } from '../../core/parse-moment.ts'
import type { InboxApp } from './app.ts'
import { presentReply, ReplyOf } from './envelope.ts'
import { readMoment } from './messages.ts'
import { ConversationObject, presentConversation } from './present.ts'
import { MessageObject, presentMessage } from './present-message.ts'
import { IdList, readIdList } from './query-lists.ts'
import { readWorkspaceId } from './workspace.ts'

/** @see docs/api/inbox.md#polling */
export function registerUpdateRoutes(app: InboxApp): void {
  app.get('/api/v1/conversations/updates', { schema: updatesSchema }, async (req) => {
    const { lastUpdate } = req.query
    const conversationIds = readIdList(req.query.conversationIds, 'conversationIds')
    const workspaceId = await readWorkspaceId(req)
    const updates = await listUpdates(req.ctx, { workspaceId, since: readSince(lastUpdate), conversationIds })
    const { files } = req.ctx.ports
    const present = ({ contactName, ...message }: NamedMessage) => presentMessage(message, { contactName, files })
    return presentReply({
      newMessages: updates.newMessages.map(present),
      updatedMessages: updates.updatedMessages.map(present),
      updatedConversations: updates.conversations.map(presentConversation),
      deletedConversationIds: updates.deletedConversationIds,
      timestamp: presentNext(updates.next),
      hasMore: updates.hasMore,
      isReset: updates.isReset,
    })
  })
}

// The place in the log stands where ISO 8601 has further digits of the second: so a client that knows of nothing but a
// time gives it back. 12 digits at least, which are more than any clock has.
const POSITION_DIGITS = 12
const WITH_POSITION = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(\d{12,16})Z$/

function presentNext({ at, position }: Updates['next']): string {
  return at.replace('Z', `${String(position).padStart(POSITION_DIGITS, '0')}Z`)
}

function readSince(text: string | undefined): UpdatesSince | null {
  const [, moment, digits] = WITH_POSITION.exec(text ?? '') ?? []
  const at = moment && parseMoment(`${moment}Z`)
  if (at && Number.isSafeInteger(Number(digits))) return { at, position: Number(digits) }
  const plain = readMoment(text, 'lastUpdate')
  return plain === undefined ? null : { at: plain, position: null }
}

const Messages = (description: string) => Type.Array(MessageObject, { description })

const updatesSchema = {
  operationId: 'listUpdates',
  summary: 'What changed since the last poll',
  tags: ['Real-time'],
  querystring: Type.Object({
    lastUpdate: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          'The `timestamp` of the answer before, as it was given; or another ISO 8601 time, from which more may come twice.',
      }),
    ),
    conversationIds: IdList('Only these conversations.'),
  }),
  response: {
    200: ReplyOf(
      Type.Object({
        newMessages: Messages('Messages that were sent or arrived, in the order in which they were stored.'),
        updatedMessages: Messages('Other messages that changed, as in their `status`.'),
        updatedConversations: Type.Array(ConversationObject, {
          description: 'Each conversation in which something changed, once, as it is now.',
        }),
        deletedConversationIds: Type.Array(Type.String({ format: 'uuid' })),
        timestamp: Type.String({
          format: 'date-time',
          description: 'For the next poll. Beyond the milliseconds its digits say how far the answer goes: keep them.',
        }),
        hasMore: Type.Boolean({ description: 'Whether there is more already: poll again at once.' }),
        isReset: Type.Boolean({
          description:
            'Without `lastUpdate`, or where it is more than three days old: these are the conversations that were active last.',
        }),
      }),
      'The changes: up to 100 of them.',
    ),
  },
}
