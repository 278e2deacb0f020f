import { LOG_CHANNEL, LOG_LOCK } from '../log/append-events.ts'

/** What a batch has beside messages. Most have nothing, and then the statement is half as long. */
export type BatchParts = { notices: boolean; files: boolean; replies: boolean }

export type Statement = { name: string; text: string }

const statements = new Map<string, Statement>()

/**
 * The statement that writes a batch. $1: the drafts as JSON; $2: the streams that they write to, each once; $3: the
 * node's name. Gives a row per event, and one per repeat.
 */
export function writeBatchStatement(parts: BatchParts): Statement {
  const name = `write_batch_${Number(parts.notices)}${Number(parts.files)}${Number(parts.replies)}`
  const known = statements.get(name)
  if (known !== undefined) return known
  const statement = { name, text: composeText(parts) }
  statements.set(name, statement)
  return statement
}

// Repeats are left out before numbers are given, so that they make no hole. What is locked, and in which order,
// is told in core/log/append-events.ts. The two numbers that only the database knows are put at the end of the
// message's event here, so that its JSON is made once.
function composeText({ notices, files, replies }: BatchParts): string {
  return `
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
  ), ${notices ? NOTICES : ''} outgoing as materialized (
    select i, 0 as n, conversation_id as stream_id, 1 as messages, workspace_id, created_at,
      'message.created' as type, '{"message":' as prefix, event from fresh
    ${notices ? OUTGOING_NOTICES : ''}
  ), heads as materialized (
    select id from streams where id = any($2::uuid[]) order by id for update
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
    select pg_advisory_xact_lock(${LOG_LOCK}), pg_notify('${LOG_CHANNEL}', $3)
    from (select count(*) as heads from bumped) b where b.heads > 0
  ), numbered as materialized (
    select o.*,
      b.event_base + row_number() over stream as seq,
      b.message_base + sum(o.messages) over stream as ordinal
    from outgoing o join bumped b on b.id = o.stream_id cross join log
    window stream as (partition by o.stream_id order by o.i, o.n)
  ), placed as materialized (
    select nextval('event_positions') as position, n.* from (${notices ? WITH_MESSAGE_NUMBERS : IN_ORDER}) n
  ), new_messages as (
    insert into messages (id, conversation_id, workspace_id, ordinal, seq, author_kind, author_id, kind, body, root_id,
      mentions, attachments, client_id, created_at, updated_at)
    select f.id, f.conversation_id, f.workspace_id, p.ordinal, p.seq, f.author_kind, f.author_id, f.kind, f.body, f.root_id,
      f.mentions, f.attachments, f.client_id, f.created_at, f.created_at
    from fresh f join placed p on p.i = f.i and p.n = 0
  ), ${notices ? NEW_NOTICES : ''} ${files ? NEW_FILES : ''} ${replies ? THREADS : ''} new_events as (
    insert into events (position, stream_id, seq, workspace_id, type, data, created_at)
    select position, stream_id, seq, workspace_id, type,
      (prefix || event || ',"ordinal":' || message_ordinal || ',"seq":' || message_seq || '}}')::json, created_at
    from placed
  )
  select p.i, p.n, p.position, p.seq, p.ordinal, null::uuid as repeat_of from placed p
  union all
  select i, 0, null, null, null, id from repeats
  order by 1, 2`
}

const NOTICES = `
  notices as materialized (
    select f.i, f.id as message_id, f.author_id, f.workspace_id, f.conversation_id, f.created_at, f.event, n.*
    from fresh f cross join lateral json_to_recordset(f.notices) as n(n int, id uuid, recipient uuid, type text, prefix text)
    where f.notices is not null
  ),`

const OUTGOING_NOTICES = `
    union all
    select i, n, recipient, 0, workspace_id, created_at, 'notification.created', prefix, event from notices`

// A notice's event holds the message with the numbers that the message got, whose row comes first of its i.
const WITH_MESSAGE_NUMBERS = `
      select *, first_value(seq) over message as message_seq, first_value(ordinal) over message as message_ordinal
      from numbered window message as (partition by i order by n)`

const IN_ORDER = `
      select *, seq as message_seq, ordinal as message_ordinal from numbered order by i`

const NEW_NOTICES = `
  new_notices as (
    insert into notifications (id, recipient_user_id, actor_user_id, type, target_type, target_id, workspace_id,
      conversation_id, created_at, updated_at)
    select id, recipient, author_id, type, 'message', message_id, workspace_id, conversation_id, created_at, created_at
    from notices
  ),`

const NEW_FILES = `
  carried as materialized (
    select f.id as message_id, (a->>'fileId')::uuid as file_id
    from fresh f cross join lateral jsonb_array_elements(f.attachments) a
  ), new_files as (
    insert into message_files (message_id, file_id) select message_id, file_id from carried
  ), taken_files as (
    update files set expires_at = null where id in (select file_id from carried)
  ),`

const THREADS = `
  threads as (
    update messages m set reply_count = m.reply_count + r.replies, last_reply_at = greatest(m.last_reply_at, r.last_at)
    from (select root_id, count(*) as replies, max(created_at) as last_at from fresh where root_id is not null
      group by root_id) r
    where m.id = r.root_id
  ),`
