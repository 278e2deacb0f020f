import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { type Caller, makeTeam, say } from './team.ts'

const { url } = await startTestServer()

const dm = (from: Caller, to: { id: string }, body: string, fields = {}) =>
  from.post(`/dms/users/${to.id}/messages`, { body, ...fields })

test('the first message makes the conversation, and both read it', async () => {
  const { ada, bob } = await makeTeam(url)
  assert.deepEqual((await ok(200, ada.get(`/dms/users/${bob.id}/messages`))).data, [])
  assert.deepEqual((await ok(200, ada.get('/dms'))).data, [])
  const sent = await ok(201, dm(ada, bob, 'psst'))
  assert.deepEqual([sent.body, sent.user_id, sent.workspace_id], ['psst', ada.id, null])
  const answer = await ok(201, dm(bob, ada, 'yes?'))
  assert.equal(answer.channel_id, sent.channel_id)
  for (const [person, other] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    assert.deepEqual((await ok(200, person.get(`/dms/users/${other.id}/messages`))).data, [answer, sent])
    const { data } = await ok(200, person.get('/dms'))
    assert.deepEqual([data.length, data[0].id, data[0].user.id], [1, sent.channel_id, other.id])
    assert.deepEqual([data[0].last_message.id, data[0].last_message_at], [answer.id, answer.created_at])
  }
  assert.equal((await ok(200, bob.get('/notifications?type=direct_message'))).data.length, 1)
})

test('two first messages at once make one conversation', async () => {
  const { ada, bob } = await makeTeam(url)
  const sent = await Promise.all(
    Array.from({ length: 10 }, (_, i) => ok(201, i % 2 ? dm(ada, bob, `${i}`) : dm(bob, ada, `${i}`))),
  )
  assert.equal(new Set(sent.map(({ channel_id }) => channel_id)).size, 1)
  assert.deepEqual(
    sent.map(({ sequence }) => sequence).sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  )
  assert.equal((await ok(200, ada.get('/dms'))).data.length, 1)
  assert.equal((await ok(200, ada.get(`/dms/users/${bob.id}/messages`))).data.length, 10)
})

test('a direct message to oneself is a notebook', async () => {
  const { ada, bob } = await makeTeam(url)
  const note = await ok(201, dm(ada, ada, 'buy milk'))
  assert.deepEqual((await ok(200, ada.get(`/dms/users/${ada.id}/messages`))).data, [note])
  const { data } = await ok(200, ada.get('/dms'))
  assert.deepEqual([data.length, data[0].user.id, data[0].unread_count], [1, ada.id, 0])
  assert.equal((await ok(200, ada.get('/notifications'))).unread_count, 0)
  await refused('404 channel_not_found', bob.get(`/channels/${note.channel_id}/messages`))
})

test('nobody else reads a direct conversation, not even the owner of the workspace', async () => {
  const { ada, bob, cy, eve } = await makeTeam(url)
  const sent = await ok(201, dm(bob, cy, 'between us'))
  for (const person of [ada, eve]) {
    await refused('404 channel_not_found', person.get(`/channels/${sent.channel_id}/messages`))
    await refused('404 channel_not_found', person.get(`/channels/${sent.channel_id}`))
    await refused('404 message_not_found', person.get(`/messages/${sent.id}`))
    await refused('404 message_not_found', person.delete(`/messages/${sent.id}`))
    await refused('404 channel_not_found', person.post(`/channels/${sent.channel_id}/members`))
    await refused('404 channel_not_found', person.post(`/channels/${sent.channel_id}/messages`, { body: 'hi' }))
  }
  await refused('403 permission_denied', bob.post(`/channels/${sent.channel_id}/members`, { user_id: ada.id }))
  await refused('403 permission_denied', bob.put(`/channels/${sent.channel_id}`, { name: 'x' }))
  await refused('403 permission_denied', bob.delete(`/channels/${sent.channel_id}`))
})

test('a stranger cannot be written to', async () => {
  const { ada, eve, mallory } = await makeTeam(url)
  for (const stranger of [eve, mallory]) {
    await refused('404 user_not_found', dm(ada, stranger, 'hi'))
    await refused('404 user_not_found', dm(stranger, ada, 'hi'))
    await refused('404 user_not_found', ada.get(`/dms/users/${stranger.id}/messages`))
  }
  await refused('404 user_not_found', dm(ada, { id: randomUUID() }, 'hi'))
  await refused('422 invalid_request user_id', dm(ada, { id: 'x' }, 'hi'))
  assert.deepEqual((await ok(200, ada.get('/dms'))).data, [])
})

test('who has left is written to no more, but what was said stays', async () => {
  const { ada, bob, workspace } = await makeTeam(url)
  const sent = await ok(201, dm(bob, ada, 'goodbye'))
  await ok(204, ada.delete(`/workspaces/${workspace}/members/${bob.id}`))
  await refused('403 conversation_closed', dm(ada, bob, 'wait'))
  await refused('403 conversation_closed', dm(bob, ada, 'wait'))
  await refused('403 conversation_closed', ada.post(`/channels/${sent.channel_id}/messages`, { body: 'wait' }))
  for (const [person, other] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    assert.deepEqual((await ok(200, person.get(`/dms/users/${other.id}/messages`))).data, [sent])
  }
})

test('conversations come by their latest activity, page by page', async () => {
  const { ada, bob, cy, gus } = await makeTeam(url)
  for (const person of [bob, cy, gus]) await ok(201, dm(ada, person, 'hi'))
  await ok(201, dm(bob, ada, 'news'))
  const people = async (query = '') => (await readAll(ada.get, `/dms${query}`)).map(({ user }) => user.id)
  assert.deepEqual(await people(), [bob.id, gus.id, cy.id])
  assert.deepEqual(await people('?limit=1'), [bob.id, gus.id, cy.id])
  const [first] = (await ok(200, ada.get('/dms'))).data
  assert.equal(first.unread_count, 1)
  await ok(200, ada.put(`/channels/${first.id}/read`))
  assert.equal((await ok(200, ada.get('/dms'))).data[0].unread_count, 0)
  await refused('422 invalid_cursor', ada.get('/dms?cursor=x'))
  await refused('422 message_empty body', dm(ada, bob, ' '))
})

test('a direct conversation has history, threads, reactions and client ids like a channel', async () => {
  const { ada, bob } = await makeTeam(url)
  const root = await ok(201, dm(ada, bob, 'root', { client_id: 'a' }))
  assert.deepEqual(await ok(200, dm(ada, bob, 'root', { client_id: 'a' })), root)
  const reply = await ok(201, dm(bob, ada, 'reply', { parent_message_id: root.id }))
  await say(ada, root.channel_id, 'through the channel')
  await ok(201, bob.post(`/messages/${root.id}/reactions`, { reaction_content: '👍' }))
  const history = await readAll(bob.get, `/dms/users/${ada.id}/messages?limit=1&order=asc`)
  assert.deepEqual(
    history.map(({ body, thread_reply_count, reaction_count }) => [body, thread_reply_count, reaction_count]),
    [
      ['root', 1, 1],
      ['through the channel', 0, 0],
    ],
  )
  assert.deepEqual((await ok(200, bob.get(`/messages/${root.id}/replies`))).data, [reply])
})
