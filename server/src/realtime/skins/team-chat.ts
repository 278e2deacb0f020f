import { invalidField } from '../../core/errors.ts'
import {
  type Answer,
  type Operation,
  PAGE_EVENTS_MAX,
  type Passing,
  type Ready,
  type Refusal,
  type RequestId,
  type Skin,
  type Step,
  userOf,
} from '../protocol.ts'
import { FrameFields, readRequestId } from './frame-fields.ts'
import { isTeamChatEvent, presentTeamChatEvent, type TeamChatObjects } from './team-chat-events.ts'

const CURSOR_LENGTH_MAX = 128
const TOKEN_LENGTH_MAX = 8_192

/** @see docs/api/team-chat.md#socket */
export function createTeamChatSkin(objects: TeamChatObjects): Skin {
  return {
    subprotocol: null,
    people: 'user',
    hello: ({ beatMs }) => frame('HELLO', { beat_ms: beatMs }),
    ready: (ready, re) => frame('READY', presentReady(objects, ready), idOf(re)),
    event: (event, cursor) => presentFrames(objects, event, cursor).map((one) => JSON.stringify(one)),
    passing: presentPassing,
    reconnect: (afterMs) => frame('RECONNECT', { after_ms: afterMs }),
    answer: (answer, re) => presentAnswer(objects, answer, re),
    refusal: (refusal, re) => frame('ERROR', presentRefusal(objects, refusal), idOf(re)),
    requestId: readRequestId,
    parse,
  }
}

function frame(event: string, data: object, more: object = {}): string {
  return JSON.stringify({ event, data, ...more })
}

function idOf(re: RequestId | null) {
  return re === null ? {} : { id: re }
}

function presentReady(
  objects: TeamChatObjects,
  { sessionId, me, cursor, resumed, streams, hasMoreStreams, gap }: Ready,
) {
  return {
    session: sessionId,
    user: objects.ownUser(userOf(me)),
    cursor,
    resumed,
    streams: streams.map(({ id, kind, head, read, unread, mentions }) => ({ id, kind, head, read, unread, mentions })),
    ...(hasMoreStreams && { more_streams: true }),
    ...(gap && { gap }),
  }
}

/** An event is one frame; a mention is told in a frame of its own before it, which is not a step of the stream. */
function presentFrames(objects: TeamChatObjects, event: Step, cursor: string | null): object[] {
  if (!isTeamChatEvent(event)) return []
  const { streamId: stream, seq, createdAt: at } = event
  const step = { ...presentTeamChatEvent(objects, event), stream, seq, ...(cursor !== null && { cursor }), at }
  if (event.type !== 'notification.created' || event.data.notification.type !== 'mention') return [step]
  const { notification, message } = event.data
  const data = {
    notification: objects.notification(notification),
    message: message && objects.message(message),
  }
  return [{ event: 'MENTION', data, stream, at }, step]
}

function presentPassing(passing: Passing): string | null {
  switch (passing.type) {
    case 'typing':
      return frame('TYPING', { channel_id: passing.streamId, user_id: passing.userId, ttl_ms: passing.ttlMs })
    case 'presence':
      return frame('PRESENCE', { user_id: passing.userId, status: passing.status })
    default:
      return null
  }
}

function presentRefusal(objects: TeamChatObjects, { isRetryable, afterMs, ...refusal }: Refusal) {
  return { ...objects.failure(refusal), retry: isRetryable, ...(afterMs !== null && { after_ms: afterMs }) }
}

/** Acknowledged only to who named the request; a ping always. */
function presentAnswer(objects: TeamChatObjects, answer: Answer, re: RequestId | null): string | null {
  if (answer.op === 'beat') return frame('PONG', { cursor: answer.cursor }, idOf(re))
  return re === null ? null : frame('ACK', presentResult(objects, answer), idOf(re))
}

function presentResult(objects: TeamChatObjects, answer: Exclude<Answer, { op: 'beat' }>): object {
  switch (answer.op) {
    case 'sub':
      return { channel_id: answer.streamId, head: answer.head, ...(answer.isGap && { gap: true }) }
    case 'unsub':
      return { channel_id: answer.streamId }
    case 'send':
      return { message: objects.message(answer.message), repeat: answer.isRepeat }
    case 'read':
      return { channel_id: answer.conversationId, read_sequence: answer.read, unread_count: answer.unread }
    case 'typing':
    case 'stopTyping':
      return { channel_id: answer.conversationId }
    case 'page': {
      const events = answer.events.flatMap((event) => presentFrames(objects, event, null))
      return { events, head: answer.head, has_more: answer.hasMore, ...(answer.isGap && { gap: true }) }
    }
    default:
      throw new Error(`People are not offered ${answer.op} here.`)
  }
}

function parse({ event, data }: Record<string, unknown>): Operation | undefined {
  if (typeof event !== 'string') return undefined
  const d = new FrameFields(data)
  switch (event) {
    case 'AUTH':
      return d.done({
        op: 'auth',
        token: d.optionalText('token', TOKEN_LENGTH_MAX),
        ticket: d.optionalText('ticket', TOKEN_LENGTH_MAX),
        cursor: d.optionalText('cursor', CURSOR_LENGTH_MAX),
      })
    case 'PING':
      return { op: 'beat' }
    case 'TYPING':
      return d.done({ op: 'typing', conversationId: d.id('channel_id') })
    case 'READ':
      return d.done({
        op: 'read',
        conversationId: d.id('channel_id'),
        messageId: d.optionalId('message_id'),
        ordinal: null,
      })
    case 'SUBSCRIBE':
      return d.done({ op: 'sub', streamId: d.id('channel_id'), after: d.optionalCount('after') })
    case 'UNSUBSCRIBE':
      return d.done({ op: 'unsub', streamId: d.id('channel_id') })
    case 'PAGE': {
      const limit = Math.min(d.optionalCount('limit') || PAGE_EVENTS_MAX, PAGE_EVENTS_MAX)
      return d.done({ op: 'page', streamId: d.id('stream'), after: d.optionalCount('after') ?? 0, limit })
    }
    default:
      throw invalidField('event', 'is not an event of this socket')
  }
}
