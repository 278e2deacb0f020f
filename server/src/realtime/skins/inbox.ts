import { type News, readNews } from '../../core/contact-conversations/read-news.ts'
import type { ContactConversationView, NamedMessage } from '../../core/contact-conversations/schema.ts'
import type { Core } from '../../core/context.ts'
import { invalidField } from '../../core/errors.ts'
import type { LoggedEvent } from '../../core/log/events.ts'
import {
  type Answer,
  type Operation,
  type Ready,
  type Refusal,
  type RequestId,
  type Skin,
  userOf,
} from '../protocol.ts'
import { FrameFields, readRequestId } from './frame-fields.ts'

const CURSOR_LENGTH_MAX = 128
const TOKEN_LENGTH_MAX = 8_192

/** The dialect's own objects; app.ts brings them, since the engine knows no dialect. */
export type InboxObjects = {
  message(message: NamedMessage): object
  conversation(conversation: ContactConversationView): object
  failure(refusal: Pick<Refusal, 'code' | 'message' | 'param' | 'fields'>): object
}

/** @see docs/api/inbox.md#sockets */
export function createInboxSkin({ database }: Core, objects: InboxObjects): Skin {
  return {
    subprotocol: null,
    people: 'team',
    hello: ({ beatMs }) => frame('hello', { beatMs }),
    ready: (ready, re) => frame('ready', presentReady(ready), idOf(re)),
    event: () => [],
    async prepare(events) {
      const news = await readNews(database.kysely, events)
      return events.map((event, i) => (cursor) => presentNews(objects, event, news[i]!).map(toText(cursor)))
    },
    passing: () => null,
    reconnect: (afterMs) => frame('reconnect', { afterMs }),
    answer: (answer, re) => presentAnswer(answer, re),
    refusal: (refusal, re) => frame('error', presentRefusal(objects, refusal), idOf(re)),
    requestId: readRequestId,
    parse,
  }
}

function frame(type: string, data: object, more: object = {}): string {
  return JSON.stringify({ type, data, ...more })
}

function idOf(re: RequestId | null) {
  return re === null ? {} : { id: re }
}

type Shown = { type: string; data: object }

/** The cursor stands in the last frame of an event: whoever has it has had all of them. */
function toText(cursor: string) {
  return (shown: Shown, i: number, all: Shown[]) => JSON.stringify(i === all.length - 1 ? { ...shown, cursor } : shown)
}

/** A message changes its conversation too: what is unread, and what stands last. */
function presentNews(objects: InboxObjects, event: LoggedEvent, { message, conversation }: News): Shown[] {
  if (event.type === 'conversation.deleted') return [{ type: 'conversation_deleted', data: { id: event.streamId } }]
  const type = event.type === 'message.created' ? 'new_message' : 'message_status'
  return [
    ...(message === null ? [] : [{ type, data: objects.message(message) }]),
    ...(conversation === null ? [] : [{ type: 'conversation_update', data: objects.conversation(conversation) }]),
  ]
}

function presentReady({ sessionId, me, cursor, resumed, streams }: Ready) {
  const workspaceId = streams[0]?.workspaceId ?? null
  return { sessionId, userId: userOf(me).id, workspaceId, cursor, resumed }
}

function presentRefusal(objects: InboxObjects, { isRetryable, afterMs, ...refusal }: Refusal) {
  return { ...objects.failure(refusal), retry: isRetryable, ...(afterMs !== null && { afterMs }) }
}

function presentAnswer(answer: Answer, re: RequestId | null): string {
  switch (answer.op) {
    case 'beat':
      return frame('pong', { cursor: answer.cursor }, idOf(re))
    case 'watch':
    case 'unwatch': {
      const { conversationId } = answer
      const type = answer.op === 'watch' ? 'subscribed' : 'unsubscribed'
      return frame(type, conversationId === null ? {} : { conversationId }, idOf(re))
    }
    default:
      throw new Error(`The team is not offered ${answer.op} here.`)
  }
}

function parse(given: Record<string, unknown>): Operation | undefined {
  const { action } = given
  if (typeof action !== 'string') return undefined
  const d = new FrameFields(given)
  switch (action) {
    case 'auth':
      return d.done({
        op: 'auth',
        token: d.optionalText('token', TOKEN_LENGTH_MAX),
        ticket: d.optionalText('ticket', TOKEN_LENGTH_MAX),
        cursor: d.optionalText('cursor', CURSOR_LENGTH_MAX),
      })
    case 'ping':
      return { op: 'beat' }
    case 'subscribe':
      return d.done({ op: 'watch', conversationId: d.optionalId('conversationId') })
    case 'unsubscribe':
      return d.done({ op: 'unwatch', conversationId: d.optionalId('conversationId') })
    default:
      throw invalidField('action', 'is not an action of this socket')
  }
}
