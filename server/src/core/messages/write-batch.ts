import type pg from 'pg'
import { LOG_CHANNEL, LOG_LOCK } from '../log/append-events.ts'
import type { LoggedEvent } from '../log/events.ts'
import type { Notification } from '../notifications/schema.ts'
import type { Draft, Notice, Written } from './draft.ts'
import { findMessagesByIds } from './queries.ts'
import type { Message } from './schema.ts'

// Repeats are left out before numbers are given, so that they make no hole. What is locked, and in which order,
// is told in core/log/append-events.ts. The two numbers that only the database knows are put at the end of the
// message's event here, so that its JSON is made once.
const WRITE_BATCH = `
  with input as materialized (
    select * from json_to_recordset($1::json) as t(
      i int, id uuid, conversation_id uuid, workspace_id uuid, author_kind text, author_id uuid, kind text, body text,
      root_id uuid, mentions jsonb, attachments jsonb, client_id text, created_at timestamptz, event text, notices json)
  ), repeats as materialized (
    select t.i, m.id from input t cross join lateral (
      (select id from messages where id = t.id)
      union all
      (select id from messages where author_id = t.author_id and client_id = t.client_id)
      limit 1
    ) m
  ), fresh as materialized (
    select * from input where i not in (select i from repeats)
  ), notices as materialized (
    select f.i, f.id as message_id, f.author_id, f.workspace_id, f.conversation_id, f.created_at, f.event, n.*
    from fresh f cross join lateral json_to_recordset(f.notices) as n(n int, id uuid, recipient uuid, type text, prefix text)
    where f.notices is not null
  ), outgoing as materialized (
    select i, 0 as n, conversation_id as stream_id, 1 as messages, workspace_id, created_at,
      'message.created' as type, '{"message":' as prefix, event from fresh
    union all
    select i, n, recipient, 0, workspace_id, created_at, 'notification.created', prefix, event from notices
  ), heads as materialized (
    select id, event_seq, message_count from streams where id in (select stream_id from outgoing) order by id for update
  ), bumped as (
    update streams s set
      event_seq = s.event_seq + o.events,
      message_count = s.message_count + o.messages,
      last_message_at = greatest(s.last_message_at, o.last_at)
    from (select stream_id, count(*) as events, sum(messages) as messages,
      max(created_at) filter (where messages > 0) as last_at from outgoing group by stream_id) o
    join heads h on h.id = o.stream_id
    where s.id = h.id
    returning s.id, s.event_seq - o.events as event_base, s.message_count - o.messages as message_base
  ), log as materialized (
    select pg_advisory_xact_lock(${LOG_LOCK}), pg_notify('${LOG_CHANNEL}', $2)
    from (select count(*) as heads from bumped) b where b.heads > 0
  ), numbered as materialized (
    select o.*,
      b.event_base + row_number() over stream as seq,
      b.message_base + sum(o.messages) over stream as ordinal
    from outgoing o join bumped b on b.id = o.stream_id cross join log
    window stream as (partition by o.stream_id order by o.i, o.n)
  ), placed as materialized (
    select nextval('event_positions') as position, n.* from (
      select *, first_value(seq) over message as message_seq, first_value(ordinal) over message as message_ordinal
      from numbered window message as (partition by i order by n)
    ) n
  ), new_messages as (
    insert into messages (id, conversation_id, workspace_id, ordinal, seq, author_kind, author_id, kind, body, root_id,
      mentions, attachments, client_id, created_at, updated_at)
    select f.id, f.conversation_id, f.workspace_id, p.ordinal, p.seq, f.author_kind, f.author_id, f.kind, f.body, f.root_id,
      f.mentions, f.attachments, f.client_id, f.created_at, f.created_at
    from fresh f join placed p on p.i = f.i and p.n = 0
  ), new_notices as (
    insert into notifications (id, recipient_user_id, actor_user_id, type, target_type, target_id, workspace_id,
      conversation_id, created_at, updated_at)
    select id, recipient, author_id, type, 'message', message_id, workspace_id, conversation_id, created_at, created_at
    from notices
  ), new_files as (
    insert into message_files (message_id, file_id)
    select f.id, (a->>'fileId')::uuid from fresh f cross join lateral jsonb_array_elements(f.attachments) a
    where f.attachments <> '[]'
  ), taken_files as (
    update files set expires_at = null
    where id in (select (a->>'fileId')::uuid from fresh f cross join lateral jsonb_array_elements(f.attachments) a
      where f.attachments <> '[]')
  ), threads as (
    update messages m set reply_count = m.reply_count + r.replies, last_reply_at = greatest(m.last_reply_at, r.last_at)
    from (select root_id, count(*) as replies, max(created_at) as last_at from fresh where root_id is not null
      group by root_id) r
    where m.id = r.root_id
  ), new_events as (
    insert into events (position, stream_id, seq, workspace_id, type, data, created_at)
    select position, stream_id, seq, workspace_id, type,
      (prefix || event || ',"ordinal":' || message_ordinal || ',"seq":' || message_seq || '}}')::json, created_at
    from placed
  )
  select p.i, p.n, p.position, p.seq, p.ordinal, null::uuid as repeat_of from placed p
  union all
  select i, 0, null, null, null, id from repeats
  order by 1, 2`

type Row = { i: number; n: number; position: number; seq: number; ordinal: number; repeat_of: string | null }

/** Writes the drafts in one statement that commits by itself. Answers in the order of the drafts. */
export async function writeBatch(
  pool: pg.Pool,
  drafts: Draft[],
  nodeId: string,
): Promise<{ written: Written[]; events: LoggedEvent[] }> {
  const input = JSON.stringify(drafts.map(encodeDraft))
  const { rows } = await pool.query<Row>({ name: 'write_batch', text: WRITE_BATCH, values: [input, nodeId] })
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
