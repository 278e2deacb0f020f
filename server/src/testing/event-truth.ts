import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { selectContacts } from '../core/contacts/queries.ts'
import { CONVERSATION_COLUMNS } from '../core/conversations/queries.ts'
import type { LoggedEvent } from '../core/log/events.ts'
import { MANUAL_ACTION_COLUMNS } from '../core/manual-actions/queries.ts'
import { MESSAGE_COLUMNS } from '../core/messages/queries.ts'
import { selectSchedules } from '../core/schedules/queries.ts'
import { PUBLIC_USER_COLUMNS } from '../core/users/public-users.ts'
import { WORKSPACE_COLUMNS } from '../core/workspaces/queries.ts'
import type { DatabasePool } from '../platform/database/database.ts'

type Row = Record<string, unknown>

/** All that clients can know of, each thing under `<noun> <id>`. */
export type Snapshot = Map<string, Row>

/** What clients could see in the database now, everybody's view together. */
export async function takeSnapshot({ kysely, pool }: DatabasePool): Promise<Snapshot> {
  const snapshot: Snapshot = new Map()
  const put = (rows: Row[], key: (row: Row) => string) => {
    for (const row of rows) snapshot.set(key(row), plain(row))
  }
  put((await pool.query(`select ${MESSAGE_COLUMNS} from messages`)).rows, (row) => `message ${row.id}`)
  put(await kysely.selectFrom('reactions').selectAll().execute(), (row) => `reaction ${row.id}`)
  put(await kysely.selectFrom('notifications').selectAll().execute(), (row) => `notification ${row.id}`)
  put(
    await kysely.selectFrom('conversations').select(CONVERSATION_COLUMNS).execute(),
    (row) => `conversation ${row.id}`,
  )
  // The workspaces of API clients have no members: nobody follows them, and no event tells of them.
  const workspaces = await kysely
    .selectFrom('workspaces')
    .select(WORKSPACE_COLUMNS)
    .where('createdBy', 'is not', null)
    .execute()
  put(workspaces, (row) => `workspace ${row.id}`)
  put(await kysely.selectFrom('clients').select('id').execute(), (row) => `client ${row.id}`)
  put(await kysely.selectFrom('members').selectAll().execute(), (row) => `member ${row.workspaceId} ${row.userId}`)
  put(await kysely.selectFrom('users').select(PUBLIC_USER_COLUMNS).execute(), (row) => `user ${row.id}`)
  const participants = await kysely
    .selectFrom('participants')
    .select(['conversationId', 'userId', 'joinedAt'])
    .execute()
  put(participants, (row) => `participant ${row.conversationId} ${row.userId}`)
  const contacts = await selectContacts(kysely, sql`true`)
  put(contacts as Row[], (row) => `contact ${row.id}`)
  const places = await kysely.selectFrom('contactParticipants').select(['conversationId', 'contactId']).execute()
  put(places, (row) => `place ${row.conversationId} ${row.contactId}`)
  put(await kysely.selectFrom('consents').selectAll().execute(), (row) => `consent ${row.id}`)
  const timelines = await kysely
    .selectFrom('contactConversations')
    .select(['conversationId', 'contactId', 'isStarred', 'readOrdinal', 'keptUnread'])
    .execute()
  put(timelines, (row) => `timeline ${row.conversationId}`)
  put(await selectSchedules(kysely, sql``), (row) => `schedule ${row.id}`)
  const actions = await kysely.selectFrom('manualActions').select(MANUAL_ACTION_COLUMNS).execute()
  put(actions, (row) => `manual action ${row.id}`)
  return snapshot
}

/** Fails unless the snapshot before, with the events applied in order, is what stands in the database. */
export async function requireEventTruth(
  database: DatabasePool,
  before: Snapshot,
  events: LoggedEvent[],
): Promise<void> {
  requireGapless(events)
  const expected = await takeSnapshot(database)
  const known: Snapshot = new Map([...before].map(([key, row]) => [key, { ...row }]))
  for (const event of events) applyEvent(known, event)
  // Nobody hears of somebody who has only just made an account.
  for (const key of expected.keys()) if (key.startsWith('user ') && !known.has(key)) expected.delete(key)
  assert.deepEqual(toSorted(known), toSorted(expected), 'the events do not tell what stands in the database')
}

/** Applies one event to what was known before it. */
export function applyEvent(known: Snapshot, event: LoggedEvent): void {
  const put = (key: string, row: object) => known.set(key, plain({ ...row }))
  const data = event.data
  if ('message' in data && data.message !== null && event.type.startsWith('message.')) {
    applyMessage(known, event.type, plain({ ...data.message }))
  }
  if ('reaction' in data) applyReaction(known, event.type === 'reaction.added', plain({ ...data.reaction }))
  if ('notification' in data) put(`notification ${data.notification.id}`, data.notification)
  if ('conversation' in data) put(`conversation ${data.conversation.id}`, data.conversation)
  if ('workspace' in data) put(`workspace ${data.workspace.id}`, data.workspace)
  if ('member' in data) put(`member ${data.member.workspaceId} ${data.member.userId}`, data.member)
  if ('user' in data) put(`user ${data.user.id}`, data.user)
  if ('participant' in data) {
    put(`participant ${data.participant.conversationId} ${data.participant.userId}`, data.participant)
  }
  if (event.type !== 'contact_conversation.opened' && 'contact' in data) put(`contact ${data.contact.id}`, data.contact)
  if ('consent' in data) put(`consent ${data.consent.id}`, data.consent)
  if (event.type === 'conversation.opened') {
    for (const { id: contactId } of event.data.contacts) {
      const conversationId = event.data.conversation.id
      put(`place ${conversationId} ${contactId}`, { conversationId, contactId })
    }
  }
  if (event.type === 'contact_conversation.opened') {
    const [conversationId, contactId] = [event.data.conversation.id, event.data.contact.id]
    put(`timeline ${conversationId}`, { conversationId, contactId, isStarred: false, readOrdinal: 0, keptUnread: 0 })
  }
  if (event.type === 'contact_conversation.updated') put(`timeline ${event.streamId}`, event.data.state)
  if ('schedule' in data) put(`schedule ${data.schedule.id}`, data.schedule)
  if ('manualAction' in data) put(`manual action ${data.manualAction.id}`, data.manualAction)
  if (event.type === 'client.created') put(`client ${event.data.clientId}`, { id: event.data.clientId })
  if (event.type === 'participant.left') known.delete(`participant ${event.data.conversationId} ${event.data.userId}`)
  if (event.type === 'member.left') known.delete(`member ${event.data.workspaceId} ${event.data.userId}`)
  if (event.type === 'notifications.read') {
    for (const id of event.data.notificationIds) markRead(known, id, event.data.readAt)
  }
}

function applyMessage(known: Snapshot, type: string, message: Row) {
  known.set(`message ${message.id}`, message)
  if (type === 'message.deleted') {
    for (const [key, row] of known) if (row.messageId === message.id) known.delete(key)
  }
  const root = known.get(`message ${message.rootId}`)
  if (type !== 'message.created' || root === undefined) return
  root.replyCount = Number(root.replyCount) + 1
  if (root.lastReplyAt === null || String(root.lastReplyAt) < String(message.createdAt))
    root.lastReplyAt = message.createdAt
}

function applyReaction(known: Snapshot, isAdded: boolean, reaction: Row) {
  const message = known.get(`message ${reaction.messageId}`)
  if (message !== undefined) message.reactionCount = Number(message.reactionCount) + (isAdded ? 1 : -1)
  if (isAdded) known.set(`reaction ${reaction.id}`, reaction)
  else known.delete(`reaction ${reaction.id}`)
}

function markRead(known: Snapshot, notificationId: string, readAt: string) {
  const notification = known.get(`notification ${notificationId}`)
  if (notification === undefined) return
  notification.readAt = readAt
  notification.updatedAt = readAt
}

function requireGapless(events: LoggedEvent[]) {
  const heads = new Map<string, number>()
  for (const { streamId, seq, position } of events) {
    assert.equal(
      seq,
      (heads.get(streamId) ?? 0) + 1,
      `a hole or a repeat in stream ${streamId} at position ${position}`,
    )
    heads.set(streamId, seq)
  }
}

function toSorted(snapshot: Snapshot): Record<string, Row> {
  return Object.fromEntries([...snapshot].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Without prototypes and undefined, as it would come over the wire. */
function plain(row: Row): Row {
  return JSON.parse(JSON.stringify(row)) as Row
}
