import type pg from 'pg'
import type { LoggedEvent } from '../log/events.ts'
import type { Notification } from '../notifications/schema.ts'
import type { Draft, Notice, Written } from './draft.ts'
import { findMessagesByIds } from './queries.ts'
import type { Message } from './schema.ts'
import { writeBatchStatement } from './write-batch-statement.ts'

type Row = { i: number; n: number; position: number; seq: number; ordinal: number; repeat_of: string | null }

/** Writes the drafts in one statement that commits by itself. Answers in the order of the drafts. */
export async function writeBatch(
  pool: pg.Pool,
  drafts: Draft[],
  nodeId: string,
): Promise<{ written: Written[]; events: LoggedEvent[] }> {
  const statement = writeBatchStatement({
    notices: drafts.some(({ notices }) => notices.length > 0),
    files: drafts.some(({ attachments }) => attachments.length > 0),
    replies: drafts.some(({ rootId }) => rootId !== null),
  })
  const values = [JSON.stringify(drafts.map(encodeDraft)), streamIdsOf(drafts), nodeId]
  const { rows } = await pool.query<Row>({ ...statement, values })
  const written = new Array<Written>(drafts.length)
  const events: LoggedEvent[] = []
  const repeats: Row[] = []
  for (const row of rows) {
    const draft = drafts[row.i]!
    if (row.repeat_of !== null) repeats.push(row)
    else if (row.n === 0) {
      const message = { ...newMessage(draft), ordinal: row.ordinal, seq: row.seq }
      written[row.i] = { message, isRepeat: false }
      events.push({ ...place(row, draft), type: 'message.created', streamId: draft.conversationId, data: { message } })
    } else {
      const notice = draft.notices[row.n - 1]!
      const data = { notification: newNotification(draft, notice), message: written[row.i]!.message }
      events.push({ ...place(row, draft), type: 'notification.created', streamId: notice.recipientUserId, data })
    }
  }
  if (repeats.length > 0) await addRepeats(pool, repeats, written)
  for (let i = 0; i < drafts.length; i++) {
    if (written[i] === undefined) throw new Error('A message names a conversation that has no stream.')
  }
  return { written, events }
}

function streamIdsOf(drafts: Draft[]): string[] {
  const ids = new Set<string>()
  for (const { conversationId, notices } of drafts) {
    ids.add(conversationId)
    for (const { recipientUserId } of notices) ids.add(recipientUserId)
  }
  return [...ids]
}

async function addRepeats(pool: pg.Pool, repeats: Row[], written: Written[]): Promise<void> {
  const found = await findMessagesByIds(
    pool,
    repeats.map((row) => row.repeat_of!),
  )
  const messages = new Map(found.map((message) => [message.id, message]))
  for (const row of repeats) written[row.i] = { message: messages.get(row.repeat_of!)!, isRepeat: true }
}

function place(row: Row, draft: Draft) {
  return { position: row.position, seq: row.seq, workspaceId: draft.workspaceId, createdAt: draft.createdAt }
}

function encodeDraft(draft: Draft, i: number) {
  return {
    i,
    id: draft.id,
    conversation_id: draft.conversationId,
    workspace_id: draft.workspaceId,
    author_kind: draft.authorKind,
    author_id: draft.authorId,
    kind: draft.kind,
    body: draft.body,
    root_id: draft.rootId,
    mentions: draft.mentions,
    attachments: draft.attachments,
    client_id: draft.clientId,
    created_at: draft.createdAt,
    // Open at its end: the statement adds the ordinal and the seq.
    event: JSON.stringify(newMessage(draft)).slice(0, -1),
    notices: draft.notices.length === 0 ? null : draft.notices.map((notice, n) => encodeNotice(draft, notice, n + 1)),
  }
}

function encodeNotice(draft: Draft, notice: Notice, n: number) {
  const prefix = `{"notification":${JSON.stringify(newNotification(draft, notice))},"message":`
  return { n, id: notice.id, recipient: notice.recipientUserId, type: notice.type, prefix }
}

function newMessage(draft: Draft): Omit<Message, 'ordinal' | 'seq'> {
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
