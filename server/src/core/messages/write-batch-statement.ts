import { LOG_CHANNEL, LOG_LOCK } from '../log/append-events.ts'
import { type BatchColumns, COLUMN_TYPES } from './lay-out-batch.ts'

/** What a batch has beside messages. Most have nothing, and then the statement is half as long. */
export type BatchParts = {
  notices: boolean
  files: boolean
  replies: boolean
  contacts: boolean
  deliveries: boolean
  timelines: boolean
}

type ColumnName = keyof BatchColumns

/** Its parameters are $1 the node's name, $2 the number of events, then the columns in their order. */
export type Statement = { name: string; text: string; columns: ColumnName[] }

const statements = new Map<string, Statement>()

/**
 * The statement that writes a batch. Gives, for every stream in the order of their ids, the log's position and the
 * stream's seq and ordinal before the batch; no row, and nothing written, where a stream does not exist.
 */
export function writeBatchStatement(parts: BatchParts): Statement {
  const { notices, files, replies, contacts, deliveries, timelines } = parts
  const name = `write_batch_${[notices, files, replies, contacts, deliveries, timelines].map(Number).join('')}`
  const known = statements.get(name)
  if (known !== undefined) return known
  const statement = { name, ...compose(parts) }
  statements.set(name, statement)
  return statement
}

// What is locked, and in which order, is told in core/log/append-events.ts. Positions are given for the whole batch at
// once: whoever holds the log's lock is alone with their sequence.
function compose({ notices, files, replies, contacts, deliveries, timelines }: BatchParts): Omit<Statement, 'name'> {
  const columns: ColumnName[] = []
  const withCompanions = contacts || deliveries
  const column = (name: ColumnName) => {
    if (!columns.includes(name)) columns.push(name)
    return `$${columns.indexOf(name) + 3}::${COLUMN_TYPES[name]}[]`
  }
  const rows = (...names: ColumnName[]) =>
    `unnest(${names.map(column).join(', ')}) as r(${names.map(snake).join(', ')})`

  const parts = [
    `heads as materialized (
      select id, event_seq, message_count from streams where id = any(${column('streamId')}) order by id for update
    )`,
    `counted as materialized (
      select array_agg(event_seq order by id) as seqs, array_agg(message_count order by id) as ordinals from heads
      having count(*) = cardinality(${column('streamId')})
    )`,
    `locked as materialized (
      select pg_advisory_xact_lock(${LOG_LOCK}), pg_notify('${LOG_CHANNEL}', $1), seqs, ordinals from counted
    )`,
    `log as materialized (
      select setval('event_positions', nextval('event_positions') + $2::int - 1) - $2::int as head, seqs, ordinals
      from locked
    )`,
    `bumped as (
      update streams s set event_seq = s.event_seq + r.stream_events, message_count = s.message_count + r.stream_messages,
        last_message_at = greatest(s.last_message_at, r.stream_last_at)
      from log, ${rows('streamId', 'streamEvents', 'streamMessages', 'streamLastAt')}
      where s.id = r.stream_id
    )`,
    `new_messages as (
      insert into messages (id, conversation_id, workspace_id, ordinal, seq, author_kind, author_id, kind, body, root_id,
        mentions, attachments, client_id, created_at, updated_at${contacts ? ', metadata' : ''})
      select r.id, (${column('streamId')})[r.stream], r.workspace_id, ordinals[r.stream] + r.ordinal,
        seqs[r.stream] + r.seq, r.author_kind, r.author_id, r.kind, r.body, r.root_id, r.mentions::jsonb,
        r.attachments::jsonb, r.client_id, r.created_at, r.created_at${contacts ? ', r.metadata::json' : ''}
      from log, ${rows(
        ...(['id', 'stream', 'workspaceId', 'ordinal', 'seq', 'authorKind', 'authorId', 'kind', 'body'] as const),
        ...(['rootId', 'mentions', 'attachments', 'clientId', 'createdAt'] as const),
        ...(contacts ? (['metadata'] as const) : []),
      )}
    )`,
    `new_events as (
      insert into events (position, stream_id, seq, workspace_id, type, data, created_at)
      select head + r.position, (${column('streamId')})[r.stream], seqs[r.stream] + r.seq, r.workspace_id,
        'message.created', ('{"message":' || r.json || ',"ordinal":' || ordinals[r.stream] + r.ordinal || ',"seq":' ||
        seqs[r.stream] + r.seq || '}'${withCompanions ? ' || r.event_json' : ''} || '}')::json, r.created_at
      from log, ${rows(
        ...(['position', 'stream', 'seq', 'ordinal', 'workspaceId', 'createdAt', 'json'] as const),
        ...(withCompanions ? (['eventJson'] as const) : []),
      )}
    )`,
    ...(notices ? [newNotifications(), newNotificationEvents()] : []),
    ...(replies ? [threads()] : []),
    ...(files ? [carriedFiles(), keptFiles()] : []),
    ...(deliveries ? [newDeliveries()] : []),
    ...(timelines ? [movedTimelines()] : []),
  ]
  const text = `with ${parts.join(', ')}
    select log.head, heads.event_seq as seq, heads.message_count as ordinal from log cross join heads order by heads.id`
  return { text, columns }

  function newNotifications(): string {
    const of = (name: ColumnName) => `(${column(name)})[r.notice_message]`
    return `new_notifications as (
      insert into notifications (id, recipient_user_id, actor_user_id, type, target_type, target_id, workspace_id,
        conversation_id, created_at, updated_at)
      select r.notice_id, (${column('streamId')})[r.notice_stream],
        case when ${of('authorKind')} = 'user' then ${of('authorId')} end, r.notice_type, 'message', ${of('id')},
        ${of('workspaceId')}, (${column('streamId')})[${of('stream')}], ${of('createdAt')}, ${of('createdAt')}
      from log, ${rows('noticeId', 'noticeStream', 'noticeMessage', 'noticeType')}
    )`
  }

  function newNotificationEvents(): string {
    const of = (name: ColumnName) => `(${column(name)})[r.notice_message]`
    return `new_notification_events as (
      insert into events (position, stream_id, seq, workspace_id, type, data, created_at)
      select head + r.notice_position, (${column('streamId')})[r.notice_stream], seqs[r.notice_stream] + r.notice_seq,
        ${of('workspaceId')}, 'notification.created',
        (r.notice_json || ${of('json')} || ',"ordinal":' || ordinals[${of('stream')}] + ${of('ordinal')} || ',"seq":' ||
        seqs[${of('stream')}] + ${of('seq')} || '}}')::json, ${of('createdAt')}
      from log, ${rows('noticePosition', 'noticeStream', 'noticeSeq', 'noticeMessage', 'noticeJson')}
    )`
  }

  function threads(): string {
    return `threads as (
      update messages m set reply_count = m.reply_count + r.root_replies,
        last_reply_at = greatest(m.last_reply_at, r.root_last_at)
      from log, ${rows('rootOfReplies', 'rootReplies', 'rootLastAt')} where m.id = r.root_of_replies
    )`
  }

  function carriedFiles(): string {
    return `carried_files as (
      insert into message_files (message_id, file_id)
      select r.file_message_id, r.file_id from log, ${rows('fileMessageId', 'fileId')}
    )`
  }

  function newDeliveries(): string {
    const of = (name: ColumnName) => `(${column(name)})[r.delivery_message]`
    return `new_deliveries as (
      insert into deliveries (id, message_id, conversation_id, ordinal, workspace_id, sender_id, transport, carrier, to_address,
        email, due_at, created_at, updated_at)
      select r.delivery_id, ${of('id')}, (${column('streamId')})[${of('stream')}],
        ordinals[${of('stream')}] + ${of('ordinal')}, ${of('workspaceId')}, r.delivery_sender, r.delivery_transport, r.delivery_carrier, r.delivery_to, r.delivery_email::jsonb,
        ${of('createdAt')}, ${of('createdAt')}, ${of('createdAt')}
      from log, ${rows(
        ...(['deliveryId', 'deliveryMessage', 'deliverySender', 'deliveryTransport', 'deliveryCarrier'] as const),
        ...(['deliveryTo', 'deliveryEmail'] as const),
      )}
    )`
  }

  // Whoever else changes these rows holds the head of the conversation, as this does.
  function movedTimelines(): string {
    return `moved_timelines as (
      update contact_conversations t set active_at = greatest(t.active_at, r.timeline_at), transport = r.timeline_transport,
        inbound_ordinal = greatest(t.inbound_ordinal, ordinals[r.timeline_stream] + r.timeline_inbound)
      from log, ${rows('timelineStream', 'timelineTransport', 'timelineAt', 'timelineInbound')}
      where t.conversation_id = (${column('streamId')})[r.timeline_stream]
    )`
  }

  function keptFiles(): string {
    return `kept_files as (update files set expires_at = null from log where id = any(${column('fileId')}))`
  }
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
