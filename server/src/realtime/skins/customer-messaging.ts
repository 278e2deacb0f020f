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
} from '../protocol.ts'
import { type CustomerMessagingObjects, presentCustomerEvent } from './customer-messaging-events.ts'
import { FrameFields, readRequestId } from './frame-fields.ts'

const CURSOR_LENGTH_MAX = 128
const TOKEN_LENGTH_MAX = 8_192
const CHANNEL_PREFIXES = ['ch_']
/** A page may also be of one's own stream. */
const STREAM_PREFIXES = ['ch_', 'cust_']

/**
 * The objects tell whether they are live or a test's, so there are two skins: the second is the first one's `test`.
 * @see docs/api/customer-messaging-socket.md
 */
export function createCustomerMessagingSkin(objectsOf: (isLive: boolean) => CustomerMessagingObjects): Skin {
  return { ...createSkin(objectsOf(true)), test: createSkin(objectsOf(false)) }
}

function createSkin(objects: CustomerMessagingObjects): Skin {
  return {
    subprotocol: null,
    people: 'contact',
    hello: ({ beatMs }) => frame('connection.hello', { beat_ms: beatMs }),
    ready: (ready, re) => frame('connection.ready', presentReady(objects, ready), idOf(re)),
    event: (step, cursor) => [JSON.stringify(presentStep(objects, step, cursor))],
    passing: (passing) => presentPassing(objects, passing),
    reconnect: (afterMs) => frame('connection.reconnect', { after_ms: afterMs }),
    answer: (answer, re) => presentAnswer(objects, answer, re),
    refusal: (refusal, re) => frame('error', presentRefusal(objects, refusal), idOf(re)),
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

function presentReady(objects: CustomerMessagingObjects, { me, cursor, resumed, streams, ...ready }: Ready) {
  if (me.kind !== 'contact') throw new Error('Only contacts sign in here.')
  const own = streams.find(({ id }) => id === me.contact.id)
  const channels = streams.filter(({ kind }) => kind === 'conversation')
  return {
    customer: objects.customer(me.contact),
    head: own?.head ?? 0,
    cursor,
    resumed,
    channels: channels.map(({ id, head }) => {
      const online = me.online.get(id) ?? []
      return { id: objects.channelId(id), head, online: online.map((contact) => objects.customerId(contact.id)) }
    }),
    ...(ready.hasMoreStreams && { more_channels: true }),
    ...(ready.gap && { gap: ready.gap.map((id) => streamName(objects, id, id === me.contact.id)) }),
  }
}

/** Streams are those of channels, but for the customer's own. */
function streamName(objects: CustomerMessagingObjects, id: string, isOwn: boolean): string {
  return isOwn ? objects.customerId(id) : objects.channelId(id)
}

function presentStep(objects: CustomerMessagingObjects, step: Step, cursor: string | null): object {
  const shown = presentCustomerEvent(objects, step)
  // Only in one's own stream is anything hidden.
  const isOwn = step.type === 'hidden' || step.type.startsWith('contact.')
  return {
    ...shown,
    stream: streamName(objects, step.streamId, isOwn),
    seq: step.seq,
    ...(cursor !== null && { cursor }),
    created: objects.time(step.createdAt),
  }
}

function presentPassing(objects: CustomerMessagingObjects, passing: Passing): string | null {
  if (passing.type === 'typing' || passing.type === 'presence') return null
  const { contact, streamId } = passing
  const at = objects.time(passing.at)
  const channel = objects.channelId(streamId)
  const user = { id: objects.customerId(contact.id), name: contact.name }
  const where = { channel: { id: channel } }
  switch (passing.type) {
    case 'contact.online':
      return frame('user.joined', { user: { ...user, joined_at: at }, ...where }, { channel })
    case 'contact.offline':
      return frame('user.left', { user: { ...user, left_at: at }, ...where }, { channel })
    case 'contact.typing':
      return frame('typing.started', { typing: { user, ...where, started_at: at } }, { channel })
    case 'contact.silent':
      return frame('typing.stopped', { typing: { user, ...where, stopped_at: at } }, { channel })
  }
}

function presentRefusal(objects: CustomerMessagingObjects, { isRetryable, afterMs, ...refusal }: Refusal) {
  return { ...objects.failure(refusal), retry: isRetryable, ...(afterMs !== null && { after_ms: afterMs }) }
}

/** Acknowledged only to who named the request; pages and pings are always answered. */
function presentAnswer(objects: CustomerMessagingObjects, answer: Answer, re: RequestId | null): string | null {
  switch (answer.op) {
    case 'beat':
      return frame('pong', { cursor: answer.cursor }, idOf(re))
    case 'page': {
      const events = answer.events.map((step) => presentStep(objects, step, null))
      const page = { events, head: answer.head, has_more: answer.hasMore, ...(answer.isGap && { gap: true }) }
      return frame('page', { channel: streamName(objects, answer.streamId, answer.isOwn), ...page }, idOf(re))
    }
    case 'typing':
    case 'stopTyping':
      return re === null ? null : frame('ack', { channel: objects.channelId(answer.conversationId) }, idOf(re))
    default:
      throw new Error(`Customers are not offered ${answer.op}.`)
  }
}

function parse({ event, data }: Record<string, unknown>): Operation | undefined {
  if (typeof event !== 'string') return undefined
  const d = new FrameFields(data)
  switch (event) {
    case 'auth': {
      const token = d.optionalText('token', TOKEN_LENGTH_MAX)
      return d.done({ op: 'auth', token, ticket: null, cursor: d.optionalText('cursor', CURSOR_LENGTH_MAX) })
    }
    case 'ping':
      return { op: 'beat' }
    case 'typing.start':
      return d.done({ op: 'typing', conversationId: d.prefixedId('channel', CHANNEL_PREFIXES) })
    case 'typing.stop':
      return d.done({ op: 'stopTyping', conversationId: d.prefixedId('channel', CHANNEL_PREFIXES) })
    case 'page': {
      const limit = Math.min(d.optionalCount('limit') || PAGE_EVENTS_MAX, PAGE_EVENTS_MAX)
      const streamId = d.prefixedId('channel', STREAM_PREFIXES)
      return d.done({ op: 'page', streamId, after: d.optionalCount('after') ?? 0, limit })
    }
    default:
      throw invalidField('event', 'is not an event of this socket')
  }
}
