import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startWithOutside } from './outside.ts'
import { type Caller, data, idsOf, makeTeam, refused } from './team.ts'

const { url, outside } = await startWithOutside()

async function makeInbox() {
  const team = await makeTeam(url)
  const meet = (name: string) => outside.meet({ workspaceId: team.workspace, name })
  return { ...team, meet, carol: await meet('Carol') }
}

const poll = (caller: Caller, query: Record<string, string> = {}) =>
  data(200, caller.get(`/conversations/updates?${new URLSearchParams(query)}`))

test('each poll gives what changed since the one before, in the objects of the other routes', async () => {
  const { ada, bob, carol } = await makeInbox()
  const start = await poll(bob)
  assert.deepEqual([start.newMessages, idsOf(start.updatedConversations)], [[], [carol.conversation.id]])
  assert.equal(start.isReset, true)
  assert.match(start.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
  assert.ok(Math.abs(Date.parse(start.timestamp) - Date.now()) < 60_000)

  await outside.hear(carol, { body: 'Is anybody there?', transport: 'whatsapp' })
  const ours = await outside.tell(carol, { body: 'We are', authorId: ada.id })
  const first = await poll(bob, { lastUpdate: start.timestamp })
  const path = `/conversations/${carol.conversation.id}`
  assert.deepEqual(first.newMessages, (await data(200, bob.get(`${path}/messages`))).data)
  assert.deepEqual(first.updatedConversations, [await data(200, bob.get(path))])
  assert.deepEqual([first.hasMore, first.isReset], [false, false])

  await outside.report(ours, { status: 'delivered', source: 'report', carrierStatus: 'delivered' })
  await data(200, ada.patch(path, { isStarred: true, unreadCount: 0 }))
  const second = await poll(bob, { lastUpdate: first.timestamp })
  assert.deepEqual([second.newMessages, idsOf(second.updatedMessages)], [[], [ours.id]])
  assert.equal(second.updatedMessages[0].status, 'delivered')
  const { isStarred, unreadCount } = second.updatedConversations[0]
  assert.deepEqual([isStarred, unreadCount], [true, 0])

  await data(200, ada.delete(path))
  const third = await poll(bob, { lastUpdate: second.timestamp })
  assert.deepEqual([third.updatedConversations, third.deletedConversationIds], [[], [carol.conversation.id]])
})

test('whoever gives a time of their own misses nothing, though some may come twice', async () => {
  const { bob, carol } = await makeInbox()
  const { timestamp } = await poll(bob)
  const heard = await outside.hear(carol, 'hello')
  for (const lastUpdate of [new Date(timestamp).toISOString(), heard.createdAt, timestamp.slice(0, 19)]) {
    assert.deepEqual(idsOf((await poll(bob, { lastUpdate })).newMessages), [heard.id], lastUpdate)
  }
  const old = await poll(bob, { lastUpdate: '2020-01-31T09:30:00Z' })
  assert.deepEqual([old.isReset, idsOf(old.updatedConversations)], [true, [carol.conversation.id]])
})

test('conversations are named by ids that are repeated, bracketed or separated by commas', async () => {
  const { bob, mallory, carol, meet } = await makeInbox()
  const [dan, erin] = [await meet('Dan'), await meet('Erin')]
  const { timestamp: lastUpdate } = await poll(bob)
  for (const one of [carol, dan, erin]) await outside.hear(one, 'hello')
  const [a, b] = [carol.conversation.id, dan.conversation.id]
  const since = `/conversations/updates?lastUpdate=${lastUpdate}`
  for (const ids of [
    `conversationIds=${a}&conversationIds=${b}`,
    `conversationIds[]=${a}&conversationIds[]=${b}`,
    `conversationIds=${a},${b.toUpperCase()}`,
  ]) {
    const { updatedConversations } = await data(200, bob.get(`${since}&${ids}`))
    assert.deepEqual(idsOf(updatedConversations), [a, b], ids)
  }
  const elsewhere = await data(200, bob.get(`${since}&conversationIds=${crypto.randomUUID()}`))
  assert.deepEqual(elsewhere.updatedConversations, [])
  for (const query of [`conversationIds=${a}`, `conversationIds=${a}&lastUpdate=${lastUpdate}`]) {
    const {
      isReset: _,
      hasMore: __,
      timestamp: ___,
      ...found
    } = await data(200, mallory.get(`/conversations/updates?${query}`))
    assert.deepEqual(Object.values(found), [[], [], [], []], 'those of another workspace are passed over')
  }
})

test('a poll that is wrong, or of somebody who is not of the team, is refused', async () => {
  const { bob, gus, eve, mallory, workspace } = await makeInbox()
  const path = '/conversations/updates'
  await refused('422 invalid_request lastUpdate', bob.get(`${path}?lastUpdate=yesterday`))
  await refused('422 invalid_request lastUpdate', bob.get(`${path}?lastUpdate=2026-02-31T00:00:00.000000000000001Z`))
  await refused('422 invalid_request conversationIds', bob.get(`${path}?conversationIds=carol`))
  const many = Array.from({ length: 101 }, () => crypto.randomUUID()).join(',')
  await refused('422 invalid_request conversationIds', bob.get(`${path}?conversationIds=${many}`))
  await refused('403 permission_denied', gus.within(workspace).get(path))
  for (const caller of [eve, mallory]) await refused('404 workspace_not_found', caller.within(workspace).get(path))
})
