import { invalidField } from '../../core/errors.ts'
import {
  type Answer,
  type Operation,
  PAGE_EVENTS_MAX,
  type Passing,
  PROTOCOL,
  type Ready,
  type Refusal,
  type RequestId,
  type Skin,
  type Step,
  userOf,
} from '../protocol.ts'
import { FrameFields, readRequestId } from './frame-fields.ts'
import { presentMessage, presentOwnUser } from './rt-v1-objects.ts'
import { presentEvent } from './rt-v1-present.ts'

const CURSOR_LENGTH_MAX = 128
const TOKEN_LENGTH_MAX = 8_192
const CLIENT_ID_LENGTH_MAX = 128

/** @see docs/api/realtime.md */
export const rtV1: Skin = {
  subprotocol: PROTOCOL,
  people: 'user',
  hello: ({ nodeId, beatMs }) => JSON.stringify({ op: 'hello', d: { proto: PROTOCOL, node: nodeId, beat_ms: beatMs } }),
  ready: (ready, re) => JSON.stringify({ ...reOf(re), op: 'ready', d: presentReady(ready) }),
  event: (event, cursor) => [JSON.stringify({ op: 'ev', ...presentStep(event, cursor) })],
  passing: presentPassing,
  reconnect: (afterMs) => JSON.stringify({ op: 'reconnect', d: { after_ms: afterMs } }),
  answer: (answer, re) => JSON.stringify({ ...reOf(re), ok: true, d: presentAnswer(answer) }),
  refusal: (refusal, re) => JSON.stringify({ ...reOf(re), ok: false, err: presentRefusal(refusal) }),
  requestId: readRequestId,
  parse,
}

function reOf(re: RequestId | null) {
  return re === null ? {} : { re }
}

function presentRefusal({ code, message, param, fields, isRetryable, afterMs }: Refusal) {
  const wrong = fields ?? (param === null ? null : { [param]: [message] })
  return {
    code,
    message,
    ...(wrong && { fields: wrong }),
    retry: isRetryable,
    ...(afterMs !== null && { after_ms: afterMs }),
  }
}

function presentReady({ sessionId, me, cursor, resumed, streams, hasMoreStreams, gap }: Ready) {
  return {
    session: sessionId,
    me: presentOwnUser(userOf(me)),
    cursor,
    resumed,
    streams: streams.map(({ id, kind, head, read, unread, mentions }) => ({ id, kind, head, read, unread, mentions })),
    ...(hasMoreStreams && { more_streams: true }),
    ...(gap && { gap }),
  }
}

function presentStep(event: Step, cursor: string | null) {
  return {
    t: event.type,
    s: event.streamId,
    q: event.seq,
    ...(cursor !== null && { c: cursor }),
    at: event.createdAt,
    d: presentEvent(event),
  }
}

function presentPassing(passing: Passing): string | null {
  const { type: t, streamId: s } = passing
  switch (passing.type) {
    case 'typing':
      return JSON.stringify({ op: 'eph', t, s, d: { user: passing.userId, ttl_ms: passing.ttlMs } })
    case 'presence':
      return JSON.stringify({ op: 'eph', t, s, d: { user: passing.userId, status: passing.status } })
    default:
      return null
  }
}

function presentAnswer(answer: Answer) {
  switch (answer.op) {
    case 'sub':
      return { head: answer.head, ...(answer.isGap && { gap: true }) }
    case 'send':
      return { message: presentMessage(answer.message), repeat: answer.isRepeat }
    case 'read':
      return { read: answer.read, unread: answer.unread }
    case 'page': {
      const events = answer.events.map((event) => presentStep(event, null))
      return { events, head: answer.head, more: answer.hasMore, ...(answer.isGap && { gap: true }) }
    }
    case 'beat':
      return { cursor: answer.cursor }
    case 'unsub':
    case 'typing':
    case 'stopTyping':
      return {}
  }
}

function parse(frame: Record<string, unknown>): Operation | undefined {
  const { op } = frame
  if (typeof op !== 'string') return undefined
  const d = new FrameFields(frame.d)
  switch (op) {
    case 'auth':
      return d.done({
        op,
        token: d.optionalText('token', TOKEN_LENGTH_MAX),
        ticket: d.optionalText('ticket', TOKEN_LENGTH_MAX),
        cursor: d.optionalText('cursor', CURSOR_LENGTH_MAX),
      })
    case 'sub':
      return d.done({ op, streamId: d.id('stream'), after: d.optionalCount('after') })
    case 'unsub':
      return d.done({ op, streamId: d.id('stream') })
    case 'send':
      return parseSend(d)
    case 'read':
      return d.done({ op, conversationId: d.id('conversation'), ordinal: d.optionalCount('ordinal'), messageId: null })
    case 'typing':
      return d.done({ op, conversationId: d.id('conversation') })
    case 'page': {
      const limit = Math.min(d.optionalCount('limit') || PAGE_EVENTS_MAX, PAGE_EVENTS_MAX)
      return d.done({ op, streamId: d.id('stream'), after: d.optionalCount('after') ?? 0, limit })
    }
    case 'beat':
      return { op }
    default:
      throw invalidField('op', 'is not an operation of rt.v1')
  }
}

function parseSend(d: FrameFields): Operation {
  return d.done({
    op: 'send',
    message: {
      conversationId: d.id('conversation'),
      body: d.text('body'),
      parentId: d.optionalId('parent'),
      fileIds: d.ids('files'),
      clientId: d.optionalText('client_id', CLIENT_ID_LENGTH_MAX),
    },
  })
}
