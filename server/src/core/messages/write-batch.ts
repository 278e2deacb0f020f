import type pg from 'pg'
import { encodeArray } from '../../platform/database/binary-array.ts'
import type { LoggedEvent } from '../log/events.ts'
import type { Notification } from '../notifications/schema.ts'
import type { Draft, Notice, Written } from './draft.ts'
import { type BatchLayout, COLUMN_TYPES, layOutBatch, transportOf } from './lay-out-batch.ts'
import { findRepeats } from './queries.ts'
import type { Message } from './schema.ts'
import { writeBatchStatement } from './write-batch-statement.ts'

/** The log's position, and a stream's seq and ordinal, before the batch. */
type Head = { head: number; seq: number; ordinal: number }

export type WrittenBatch = {
  /** In the order of the drafts. */
  written: Written[]
  events: LoggedEvent[]
}

/** The same as `writeBatch`, where some of the drafts may have been written before. */
export async function writeWithoutRepeats(
  client: pg.ClientBase,
  drafts: Draft[],
  nodeId: string,
): Promise<WrittenBatch> {
  const repeats = await findRepeats(client, drafts)
  const fresh = drafts.filter((draft) => !repeats.has(draft))
  const { written, events } = fresh.length === 0 ? NOTHING : await writeBatch(client, fresh, nodeId)
  const writtenOf = new Map(fresh.map((draft, i) => [draft, written[i]!]))
  return {
    written: drafts.map((draft) => writtenOf.get(draft) ?? { message: repeats.get(draft)!, isRepeat: true }),
    events,
  }
}

const NOTHING: WrittenBatch = { written: [], events: [] }

/**
 * Writes the drafts in one statement that commits by itself, and is on its way when the call returns. Throws the
 * violation of a unique index where one of them was written before.
 */
export async function writeBatch(client: pg.ClientBase, drafts: Draft[], nodeId: string): Promise<WrittenBatch> {
  const statement = writeBatchStatement({
    notices: drafts.some(({ notices }) => notices.length > 0),
    files: drafts.some(({ attachments }) => attachments.length > 0),
    replies: drafts.some(({ rootId }) => rootId !== null),
    contacts: drafts.some(({ authorKind }) => authorKind === 'contact'),
    deliveries: drafts.some(({ delivery }) => delivery !== undefined),
    timelines: drafts.some((draft) => transportOf(draft) !== undefined),
  })
  const messages = drafts.map(newMessage)
  const layout = layOutBatch(drafts, { message: (i) => encodeMessage(messages[i]!), notice: encodeNotice })
  const columns = statement.columns.map((name) => encodeArray(COLUMN_TYPES[name], layout.columns[name]))
  const values = [nodeId, layout.events.length, ...columns]
  const { rows } = await client.query<Head>({ name: statement.name, text: statement.text, values })
  if (rows.length === 0) throw new Error('A message names a conversation that has no stream, or notifies nobody.')
  return number({ drafts, messages, layout }, rows)
}

type Batch = { drafts: Draft[]; messages: NewMessage[]; layout: BatchLayout }
type NewMessage = Omit<Message, 'ordinal' | 'seq'>

/** The messages and events as they stand in the database now. */
function number({ drafts, messages, layout }: Batch, heads: Head[]): WrittenBatch {
  const written: Written[] = []
  const events: LoggedEvent[] = []
  for (const place of layout.events) {
    const draft = drafts[place.draft]!
    const head = heads[place.stream - 1]!
    const at = {
      position: head.head + place.position,
      seq: head.seq + place.seq,
      workspaceId: draft.workspaceId,
      createdAt: draft.createdAt,
    }
    if (place.notice === null) {
      const message = { ...messages[place.draft]!, ordinal: head.ordinal + place.ordinal, seq: at.seq }
      written.push({ message, isRepeat: false })
      const { author, delivery } = draft
      const data = { message, ...(author && { author }), ...(delivery && { delivery }) }
      events.push({ ...at, type: 'message.created', streamId: draft.conversationId, data })
    } else {
      const data = { notification: newNotification(draft, place.notice), message: written[place.draft]!.message }
      events.push({ ...at, type: 'notification.created', streamId: place.notice.recipientUserId, data })
    }
  }
  return { written, events }
}

/** Open at its end: the statement adds the ordinal and the seq. */
function encodeMessage(message: NewMessage): string {
  return JSON.stringify(message).slice(0, -1)
}

function encodeNotice(draft: Draft, notice: Notice): string {
  return `{"notification":${JSON.stringify(newNotification(draft, notice))},"message":`
}

function newMessage(draft: Draft): NewMessage {
  return {
    id: draft.id,
    conversationId: draft.conversationId,
    workspaceId: draft.workspaceId,
    authorKind: draft.authorKind,
    authorId: draft.authorId,
    kind: draft.kind,
    body: draft.body,
    rootId: draft.rootId,
    replyCount: 0,
    lastReplyAt: null,
    reactionCount: 0,
    mentions: draft.mentions,
    attachments: draft.attachments,
    metadata: draft.metadata,
    clientId: draft.clientId,
    revision: 0,
    createdAt: draft.createdAt,
    updatedAt: draft.createdAt,
    editedAt: null,
    deletedAt: null,
  }
}

function newNotification(draft: Draft, notice: Notice): Notification {
  return {
    id: notice.id,
    recipientUserId: notice.recipientUserId,
    actorUserId: draft.authorKind === 'user' ? draft.authorId : null,
    type: notice.type,
    targetType: 'message',
    targetId: draft.id,
    workspaceId: draft.workspaceId,
    conversationId: draft.conversationId,
    readAt: null,
    createdAt: draft.createdAt,
    updatedAt: draft.createdAt,
  }
}
