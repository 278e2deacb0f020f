import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makeTeam, say } from './team.ts'

const { url } = await startTestServer()

test('replies hang on their root, which counts them, and stay out of the history', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const root = await say(ada, general, 'root')
  const first = await say(bob, general, 'first', { parent_message_id: root.id })
  const second = await say(ada, general, 'second', { parent_message_id: root.id })
  assert.deepEqual([first.parent_message_id, first.thread_reply_count], [root.id, 0])
  const counted = await ok(200, bob.get(`/messages/${root.id}`))
  assert.deepEqual([counted.thread_reply_count, counted.thread_last_reply_at], [2, second.created_at])
  assert.deepEqual((await ok(200, bob.get(`/channels/${general}/messages`))).data, [counted])
  const { data } = await ok(200, bob.get(`/channels/${general}/messages?include_replies=true&order=asc`))
  assert.deepEqual(
    data.map(({ id }: never) => id),
    [root.id, first.id, second.id],
  )
})

test('a reply to a reply belongs to the root', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const root = await say(ada, general, 'root')
  const reply = await say(bob, general, 'reply', { parent_message_id: root.id })
  const nested = await say(ada, general, 'nested', { parent_message_id: reply.id })
  assert.equal(nested.parent_message_id, root.id)
  assert.equal((await ok(200, ada.get(`/messages/${root.id}`))).thread_reply_count, 2)
  assert.deepEqual((await ok(200, ada.get(`/messages/${reply.id}/replies`))).data, [])
})

test('a parent in another channel, or nowhere, is refused', async () => {
  const { ada, general, secret, mallory } = await makeTeam(url)
  const root = await say(ada, secret, 'root')
  const reply = { body: 'x', parent_message_id: root.id }
  await refused('422 thread_root_not_found parent_message_id', ada.post(`/channels/${general}/messages`, reply))
  const nowhere = { body: 'x', parent_message_id: ada.id }
  await refused('422 thread_root_not_found parent_message_id', ada.post(`/channels/${general}/messages`, nowhere))
  await refused(
    '422 invalid_request parent_message_id',
    ada.post(`/channels/${general}/messages`, { ...reply, parent_message_id: 'x' }),
  )
  const foreign = await ok(201, mallory.post('/workspaces', { name: 'Other' }))
  const { id } = await ok(201, mallory.post(`/workspaces/${foreign.id}/channels`, { name: 'other' }))
  await refused('422 thread_root_not_found', mallory.post(`/channels/${id}/messages`, reply))
  assert.equal((await ok(200, ada.get(`/messages/${root.id}`))).thread_reply_count, 0)
})

test('replies come oldest first, page by page, in either order, while more are written', async () => {
  const { ada, bob, eve, general } = await makeTeam(url)
  const root = await say(ada, general, 'root')
  const path = `/messages/${root.id}/replies`
  for (let i = 0; i < 5; i++) await say(bob, general, `r${i}`, { parent_message_id: root.id })
  let late = 0
  const get = async (page: string) => {
    const answer = await ada.get(page)
    if (late < 2) await say(bob, general, `late${late++}`, { parent_message_id: root.id })
    return answer
  }
  const bodies = async (query: string, read = ada.get) => (await readAll(read, path + query)).map(({ body }) => body)
  assert.deepEqual(await bodies('?limit=2', get), ['r0', 'r1', 'r2', 'r3', 'r4', 'late0', 'late1'])
  assert.deepEqual(await bodies('?limit=3&order=desc'), ['late1', 'late0', 'r4', 'r3', 'r2', 'r1', 'r0'])
  await refused('404 message_not_found', eve.get(path))
  await refused('422 invalid_cursor', ada.get(`${path}?cursor=x`))
  await refused('422 invalid_request order', ada.get(`${path}?order=x`))
})

test('replies written at once are all counted', async () => {
  const { ada, bob, cy, general } = await makeTeam(url)
  const root = await say(ada, general, 'root')
  const people = [ada, bob, cy]
  await Promise.all(
    Array.from({ length: 30 }, (_, i) => say(people[i % 3]!, general, `${i}`, { parent_message_id: root.id })),
  )
  assert.equal((await ok(200, ada.get(`/messages/${root.id}`))).thread_reply_count, 30)
  assert.equal((await readAll(ada.get, `/messages/${root.id}/replies?limit=11`)).length, 30)
})

test('a deleted root keeps its replies and their number', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const root = await say(ada, general, 'root')
  const reply = await say(bob, general, 'reply', { parent_message_id: root.id })
  await ok(204, ada.delete(`/messages/${root.id}`))
  const seen = await ok(200, bob.get(`/messages/${root.id}`))
  assert.deepEqual([seen.body, seen.thread_reply_count], ['', 1])
  assert.deepEqual((await ok(200, bob.get(`/messages/${root.id}/replies`))).data, [reply])
  assert.deepEqual(
    (await ok(200, bob.get(`/channels/${general}/messages`))).data.map(({ id }: never) => id),
    [root.id],
  )
})

test('a deleted reply keeps its place in the thread', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const root = await say(ada, general, 'root')
  const reply = await say(bob, general, 'regretted', { parent_message_id: root.id })
  await say(ada, general, 'answer', { parent_message_id: root.id })
  await ok(204, bob.delete(`/messages/${reply.id}`))
  const { data } = await ok(200, ada.get(`/messages/${root.id}/replies`))
  assert.deepEqual(
    data.map(({ body, deleted_at }: never) => [body, deleted_at === null]),
    [
      ['', false],
      ['answer', true],
    ],
  )
})

test('whoever wrote in a thread hears of its replies, and nobody else', async () => {
  const { ada, bob, cy, general } = await makeTeam(url)
  const root = await say(ada, general, 'root')
  await say(bob, general, 'first', { parent_message_id: root.id })
  const last = await say(ada, general, 'second', { parent_message_id: root.id })
  const heard = async (person: typeof ada) =>
    (await ok(200, person.get('/notifications?type=thread_reply'))).data.map(({ target_id }: never) => target_id)
  assert.deepEqual(await heard(bob), [last.id])
  assert.equal((await heard(ada)).length, 1)
  assert.deepEqual(await heard(cy), [])
})
