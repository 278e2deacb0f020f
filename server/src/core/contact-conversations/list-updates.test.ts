import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { createTimelines } from '../../testing/timelines.ts'
import { testWorld } from '../../testing/world.ts'
import { SYSTEM } from '../actor.ts'
import { addTag } from '../contacts/add-tag.ts'
import { createContext } from '../context.ts'
import { appendEvents } from '../log/append-events.ts'
import { EVENTS_KEPT_MS, trimEvents } from '../log/trim-events.ts'
import { sendMessage } from '../messages/send-message.ts'
import { deleteContactConversation } from './delete-contact-conversation.ts'
import { type ListUpdates, listUpdates, type Updates } from './list-updates.ts'
import type { ContactConversation } from './schema.ts'
import { updateContactConversation } from './update-contact-conversation.ts'

const NOW = '2026-03-10T12:00:00.000Z'

async function pollingWorld(t: TestContext, options = {}) {
  const world = await testWorld(t, options)
  world.setNow(NOW)
  const workspaceId = world.ids.workspace
  const poll = (since: ListUpdates['since'], conversationIds: string[] = []) =>
    listUpdates(world.as('bob'), { workspaceId, since, conversationIds })
  const timelines = createTimelines(world.runtime.core)
  const meet = (name: string) => timelines.meet({ workspaceId, name })
  return { ...world, ...timelines, workspaceId, poll, meet }
}

const keyOf = ({ conversation: { id, workspaceId } }: ContactConversation) => ({ workspaceId, conversationId: id })
const bodies = (messages: Updates['newMessages']) => messages.map(({ message }) => message.body)
const names = ({ conversations }: Updates) => conversations.map(({ contact }) => contact.contact.name)

test('a poll gives what was written and changed since the one before, each conversation once', async (t) => {
  const { as, ids, hear, meet, poll, report, tell, workspaceId } = await pollingWorld(t)
  const carol = await meet('Carol')
  const start = await poll(null)
  assert.deepEqual([names(start), start.isReset, start.hasMore], [['Carol'], true, false])

  const dan = await meet('Dan')
  await hear(dan, 'hello')
  const ours = await tell(carol, { body: 'dear Carol', authorId: ids.ada })
  await sendMessage(as('ada'), { conversationId: ids.general, body: 'not of the inbox' })
  const first = await poll(start.next)
  assert.deepEqual(
    [bodies(first.newMessages), names(first)],
    [
      ['hello', 'dear Carol'],
      ['Dan', 'Carol'],
    ],
  )
  assert.deepEqual([first.newMessages[0]?.contactName, first.updatedMessages, first.isReset], ['Dan', [], false])

  await report(ours, { status: 'delivered', source: 'report' })
  await updateContactConversation(as('cy'), { ...keyOf(carol), isStarred: true })
  await addTag(as('cy'), { workspaceId, contactId: dan.contactId, tag: 'vip' })
  const second = await poll(first.next)
  assert.deepEqual([bodies(second.newMessages), bodies(second.updatedMessages)], [[], ['dear Carol']])
  assert.equal(second.updatedMessages[0]?.delivery?.status, 'delivered')
  assert.deepEqual([names(second), second.conversations[0]?.isStarred], [['Carol', 'Dan'], true])
  assert.deepEqual(second.conversations[1]?.contact.contact.tags, ['vip'])

  await deleteContactConversation(as('ada'), keyOf(dan))
  const third = await poll(second.next)
  assert.deepEqual([third.deletedConversationIds, names(third)], [[dan.conversation.id], []])
  assert.deepEqual(await poll(third.next), {
    ...{ newMessages: [], updatedMessages: [], conversations: [], deletedConversationIds: [] },
    ...{ next: third.next, hasMore: false, isReset: false },
  })
})

test('a poll may name conversations, and hears of no others', async (t) => {
  const { ids, hear, meet, poll } = await pollingWorld(t)
  const [carol, dan] = [await meet('Carol'), await meet('Dan')]
  const { next } = await poll(null)
  await hear(carol, 'from Carol')
  await hear(dan, 'from Dan')
  const wanted = [dan.conversation.id, ids.general, ids.workspace]
  assert.deepEqual(bodies((await poll(next, wanted)).newMessages), ['from Dan'])
  assert.deepEqual(names(await poll(null, wanted)), ['Dan'])
})

test('what was begun before a poll and committed after it comes with the next one', async (t) => {
  const { as, hear, meet, poll, setNow } = await pollingWorld(t)
  const [carol, dan] = [await meet('Carol'), await meet('Dan')]
  const { next } = await poll(null)
  const [isBegun, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const late = as('ada').transaction(async (ctx) => {
    await updateContactConversation(ctx, { ...keyOf(carol), isStarred: true })
    isBegun.resolve()
    await mayCommit.promise
  })
  await isBegun.promise
  setNow(addMs(NOW, 1_000))
  await hear(dan, 'later, and committed first')
  const between = await poll(next)
  assert.deepEqual(names(between), ['Dan'])
  // Its events bear a moment before that poll, and a position after it.
  setNow(NOW)
  mayCommit.resolve()
  await late
  setNow(addMs(NOW, 3_000))
  assert.deepEqual(names(await poll(between.next)), ['Carol'])
  const byTimeAlone = await poll({ at: between.next.at, position: null })
  assert.ok(names(byTimeAlone).includes('Carol'), 'a client that keeps milliseconds only misses nothing either')
})

test('what arrived long ago and was applied just now is new, also for who knows a time only', async (t) => {
  const { as, hear, meet, poll, setNow, workspaceId } = await pollingWorld(t)
  const carol = await meet('Carol')
  await addTag(as('cy'), { workspaceId, contactId: carol.contactId, tag: 'vip' })
  setNow(addMs(NOW, 7_200_000))
  const { next } = await poll(null)
  await hear(carol, { body: 'an hour on the way', at: addMs(NOW, 3_600_000) })
  assert.deepEqual(bodies((await poll(next)).newMessages), ['an hour on the way'])
  assert.deepEqual(bodies((await poll({ at: next.at, position: null })).newMessages), ['an hour on the way'])
})

test('an answer is bounded, and going on from it gives all the rest in order', async (t) => {
  const { hear, meet, poll } = await pollingWorld(t)
  const carol = await meet('Carol')
  let { next } = await poll(null)
  const sent = Array.from({ length: 230 }, (_, i) => `message ${i}`)
  for (const body of sent) await hear(carol, body)
  const got: string[] = []
  for (let polls = 1, hasMore = true; hasMore; polls++) {
    const updates = await poll(next)
    assert.ok(updates.newMessages.length <= 100)
    got.push(...bodies(updates.newMessages))
    next = updates.next
    hasMore = updates.hasMore
    assert.equal(hasMore, polls < 3)
  }
  assert.deepEqual(got, sent)
})

test('a long way through the log of others is gone in parts', async (t) => {
  const { hear, meet, poll, runtime, ids } = await pollingWorld(t, { eventTruth: false })
  const carol = await meet('Carol')
  const { next } = await poll(null)
  const { kysely } = runtime.core.database
  const data = { conversationId: ids.general, readOrdinal: 1 }
  const events = Array.from({ length: 60_000 }, () => {
    return { type: 'conversation.read' as const, streamId: ids.eve, workspaceId: null, data }
  })
  await kysely.transaction().execute((tx) => appendEvents(tx, { events, at: NOW, nodeId: 'another node' }))
  await hear(carol, 'behind them all')
  const first = await poll(next)
  assert.deepEqual([first.newMessages, first.hasMore], [[], true])
  const second = await poll(first.next)
  assert.deepEqual([bodies(second.newMessages), second.hasMore], [['behind them all'], false])
})

test('where the past is not kept, or the log is another one, nobody is left with less than there is', async (t) => {
  const { hear, meet, poll, runtime, setNow } = await pollingWorld(t, { eventTruth: false })
  const carol = await meet('Carol')
  await hear(carol, 'hello')
  const ahead = await poll({ at: NOW, position: 1_000_000 })
  assert.deepEqual([bodies(ahead.newMessages), ahead.isReset], [['hello'], false])
  setNow(addMs(NOW, EVENTS_KEPT_MS))
  await runtime.core.database.kysely.updateTable('logReaders').set({ position: 1_000_000 }).execute()
  await trimEvents(createContext(runtime.core, SYSTEM))
  const old = await poll({ at: NOW, position: 0 })
  assert.deepEqual([names(old), old.isReset], [['Carol'], true])
})

test('guests and strangers are told of nothing', async (t) => {
  const { as, ids, meet, workspaceId } = await pollingWorld(t)
  const carol = await meet('Carol')
  const asked = { workspaceId, since: null, conversationIds: [carol.conversation.id] }
  await assert.rejects(listUpdates(as('gus'), asked), { code: 'permission_denied' })
  await assert.rejects(listUpdates(as('eve'), asked), { code: 'workspace_not_found' })
  const elsewhere = await listUpdates(as('mallory'), { ...asked, workspaceId: ids.otherWorkspace })
  assert.deepEqual(elsewhere.conversations, [])
})
