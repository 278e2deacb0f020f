import type { ArrayType } from '../../platform/database/binary-array.ts'
import type { Transport } from '../deliveries/carrier.ts'
import type { Delivery } from '../deliveries/schema.ts'
import type { Draft, Notice } from './draft.ts'

/** A batch as its statement reads it: an array per column, with an element per stream, message, notice, root, file or delivery. */
export type BatchColumns = { [Name in keyof typeof COLUMN_TYPES]: (string | number | null)[] }

export const COLUMN_TYPES = {
  /** The streams that are written to, each once, in the order of their ids. The others name them by number, from 1. */
  streamId: 'uuid',
  streamEvents: 'int4',
  streamMessages: 'int4',
  /** When the newest message came; null where the batch has none for the stream. */
  streamLastAt: 'timestamptz',

  id: 'uuid',
  stream: 'int4',
  workspaceId: 'uuid',
  authorKind: 'text',
  authorId: 'uuid',
  kind: 'text',
  body: 'text',
  rootId: 'uuid',
  mentions: 'text',
  attachments: 'text',
  clientId: 'text',
  createdAt: 'timestamptz',
  /** How far each number lies beyond the stream's head, or beyond the log's: from 1. */
  ordinal: 'int4',
  seq: 'int4',
  position: 'int4',
  /** The message as JSON, open at its end: the statement adds the ordinal and the seq. */
  json: 'text',
  /** What the sender keeps with it, as JSON; null for none. */
  metadata: 'text',
  /** The rest of the event's JSON after the message: who a contact is, and the delivery. */
  eventJson: 'text',

  noticeId: 'uuid',
  /** The number of the message that it is about, from 1. */
  noticeMessage: 'int4',
  noticeStream: 'int4',
  noticeSeq: 'int4',
  noticePosition: 'int4',
  noticeType: 'text',
  /** The event's JSON up to the message. */
  noticeJson: 'text',

  rootOfReplies: 'uuid',
  rootReplies: 'int4',
  rootLastAt: 'timestamptz',

  fileId: 'uuid',
  fileMessageId: 'uuid',

  deliveryId: 'uuid',
  /** The number of the message that it carries, from 1. */
  deliveryMessage: 'int4',
  deliverySender: 'uuid',
  deliveryTransport: 'text',
  deliveryCarrier: 'text',
  deliveryTo: 'text',
  deliveryEmail: 'text',

  /** The streams that are timelines of contacts, by number, each once. */
  timelineStream: 'int4',
  /** The transport of the newest message there. */
  timelineTransport: 'text',
  timelineAt: 'timestamptz',
  /** The ordinal of the contact's newest message, beyond the head; null where the batch has none. */
  timelineInbound: 'int4',
} satisfies Record<string, ArrayType>

export type NewEvent = { draft: number; stream: number; seq: number; position: number } & (
  | { notice: null; ordinal: number }
  | { notice: Notice }
)

/** Where everything in a batch goes, counted from heads that only the statement knows. */
export type BatchLayout = {
  columns: BatchColumns
  /** In the order of their positions. */
  events: NewEvent[]
}

/** What a batch has for the timeline of a contact. */
type Timeline = { transport: string; at: string; inbound: number | null }
type Stream = { number: number; events: number; messages: number; lastAt: string | null }
/** Make the JSON of the events: of the message with this index, and of a notice. */
type Encode = { message(i: number): string; notice(draft: Draft, notice: Notice): string }

/** Gives every message and every notice its place. */
export function layOutBatch(drafts: Draft[], encode: Encode): BatchLayout {
  const columns = Object.fromEntries(Object.keys(COLUMN_TYPES).map((name) => [name, [] as unknown[]])) as BatchColumns
  const events: NewEvent[] = []
  const streams = findStreams(drafts)
  const roots = new Map<string, { replies: number; lastAt: string }>()
  const timelines = new Map<number, Timeline>()
  for (const [i, draft] of drafts.entries()) {
    const stream = streams.get(draft.conversationId)!
    stream.lastAt = later(stream.lastAt, draft.createdAt)
    const place = { draft: i, stream: stream.number, seq: ++stream.events, position: events.length + 1 }
    const ordinal = ++stream.messages
    events.push({ ...place, notice: null, ordinal })
    addMessage(columns, draft, { ...place, ordinal, json: encode.message(i) })
    for (const notice of draft.notices) {
      const stream = streams.get(notice.recipientUserId)!
      const place = { draft: i, stream: stream.number, seq: ++stream.events, position: events.length + 1 }
      events.push({ ...place, notice })
      addNotice(columns, notice, { ...place, json: encode.notice(draft, notice) })
    }
    for (const { fileId } of draft.attachments) {
      columns.fileId.push(fileId)
      columns.fileMessageId.push(draft.id)
    }
    if (draft.delivery !== undefined) addDelivery(columns, draft.delivery, i + 1)
    const transport = transportOf(draft)
    if (transport !== undefined) {
      const { at = null, inbound = null } = timelines.get(stream.number) ?? {}
      const isInbound = draft.authorKind === 'contact'
      timelines.set(stream.number, {
        transport,
        at: later(at, draft.createdAt),
        inbound: isInbound ? ordinal : inbound,
      })
    }
    if (draft.rootId === null) continue
    const { replies = 0, lastAt = null } = roots.get(draft.rootId) ?? {}
    roots.set(draft.rootId, { replies: replies + 1, lastAt: later(lastAt, draft.createdAt) })
  }
  addStreams(columns, streams)
  addRoots(columns, roots)
  addTimelines(columns, timelines)
  return { columns, events }
}

function findStreams(drafts: Draft[]): Map<string, Stream> {
  const ids = new Set<string>()
  for (const { conversationId, notices } of drafts) {
    ids.add(conversationId)
    for (const { recipientUserId } of notices) ids.add(recipientUserId)
  }
  return new Map([...ids].sort().map((id, i) => [id, { number: i + 1, events: 0, messages: 0, lastAt: null }]))
}

type MessagePlace = { stream: number; ordinal: number; seq: number; position: number; json: string }

function addMessage(columns: BatchColumns, draft: Draft, place: MessagePlace): void {
  columns.id.push(draft.id)
  columns.stream.push(place.stream)
  columns.workspaceId.push(draft.workspaceId)
  columns.authorKind.push(draft.authorKind)
  columns.authorId.push(draft.authorId)
  columns.kind.push(draft.kind)
  columns.body.push(draft.body)
  columns.rootId.push(draft.rootId)
  columns.mentions.push(encodeList(draft.mentions))
  columns.attachments.push(encodeList(draft.attachments))
  columns.clientId.push(draft.clientId)
  columns.createdAt.push(draft.createdAt)
  columns.ordinal.push(place.ordinal)
  columns.seq.push(place.seq)
  columns.position.push(place.position)
  columns.json.push(place.json)
  columns.metadata.push(draft.metadata === null ? null : JSON.stringify(draft.metadata))
  columns.eventJson.push(encodeCompanions(draft))
}

function encodeCompanions({ author, delivery }: Draft): string {
  const authorJson = author === undefined ? '' : `,"author":${JSON.stringify(author)}`
  return delivery === undefined ? authorJson : `${authorJson},"delivery":${JSON.stringify(delivery)}`
}

function addDelivery(columns: BatchColumns, delivery: Delivery, message: number): void {
  columns.deliveryId.push(delivery.id)
  columns.deliveryMessage.push(message)
  columns.deliverySender.push(delivery.senderId)
  columns.deliveryTransport.push(delivery.transport)
  columns.deliveryCarrier.push(delivery.carrier)
  columns.deliveryTo.push(delivery.toAddress)
  columns.deliveryEmail.push(delivery.email === null ? null : JSON.stringify(delivery.email))
}

function addNotice(
  columns: BatchColumns,
  notice: Notice,
  place: { draft: number; stream: number; seq: number; position: number; json: string },
): void {
  columns.noticeId.push(notice.id)
  columns.noticeMessage.push(place.draft + 1)
  columns.noticeStream.push(place.stream)
  columns.noticeSeq.push(place.seq)
  columns.noticePosition.push(place.position)
  columns.noticeType.push(notice.type)
  columns.noticeJson.push(place.json)
}

function addStreams(columns: BatchColumns, streams: Map<string, Stream>): void {
  for (const [id, { events, messages, lastAt }] of streams) {
    columns.streamId.push(id)
    columns.streamEvents.push(events)
    columns.streamMessages.push(messages)
    columns.streamLastAt.push(lastAt)
  }
}

function addRoots(columns: BatchColumns, roots: Map<string, { replies: number; lastAt: string }>): void {
  for (const [id, { replies, lastAt }] of roots) {
    columns.rootOfReplies.push(id)
    columns.rootReplies.push(replies)
    columns.rootLastAt.push(lastAt)
  }
}

function addTimelines(columns: BatchColumns, timelines: Map<number, Timeline>): void {
  for (const [stream, { transport, at, inbound }] of timelines) {
    columns.timelineStream.push(stream)
    columns.timelineTransport.push(transport)
    columns.timelineAt.push(at)
    columns.timelineInbound.push(inbound)
  }
}

/** Only what travels to or from a person outside has one. */
export function transportOf({ delivery, transport }: Draft): Transport | undefined {
  return delivery?.transport ?? transport
}

function encodeList(list: unknown[]): string {
  return list.length === 0 ? '[]' : JSON.stringify(list)
}

function later(a: string | null, b: string): string {
  return a === null || b > a ? b : a
}
