import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { bearer } from '../../testing/authenticate-cast.ts'
import type { Name } from '../../testing/cast.ts'
import { testTeamChat } from '../../testing/team-chat.ts'
import { testWorld } from '../../testing/world.ts'

async function open(t: TestContext) {
  const world = await testWorld(t)
  const app = await testTeamChat(t, world)
  const get = async (name: Name, url: string) => {
    const reply = await app.inject({ url, headers: bearer(name) })
    return { status: reply.statusCode, body: reply.json() }
  }
  const send = async (from: Name, to: string, payload: object, key?: string) => {
    const headers = { ...bearer(from), ...(key && { 'idempotency-key': key }) }
    const reply = await app.inject({ method: 'POST', url: `/dms/users/${to}/messages`, headers, payload })
    return { status: reply.statusCode, body: reply.json(), headers: reply.headers }
  }
  return { ...world, get, send }
}

test('two people write to each other', async (t) => {
  const { ids, get, send } = await open(t)
  assert.deepEqual((await get('ada', `/dms/users/${ids.bob}/messages`)).body.data, [])
  assert.deepEqual((await get('ada', '/dms')).body, { data: [], next_cursor: null, has_more: false })
  const sent = await send('ada', ids.bob, { body: 'hi bob' })
  assert.deepEqual([sent.status, sent.body.body, sent.body.workspace_id], [201, 'hi bob', null])
  const answer = await send('bob', ids.ada, { body: 'hi ada', parent_message_id: sent.body.id })
  assert.equal(answer.body.channel_id, sent.body.channel_id)
  const history = await get('bob', `/dms/users/${ids.ada}/messages?include_replies=true`)
  assert.deepEqual(
    history.body.data.map((message: { id: string }) => message.id),
    [answer.body.id, sent.body.id],
  )
  const { body } = await get('ada', '/dms')
  const [{ id, channel_id, user, unread_count, last_message, last_message_at }] = body.data
  assert.deepEqual([id, channel_id], [sent.body.channel_id, sent.body.channel_id])
  assert.deepEqual([user.username, unread_count, last_message.id], ['bob', 1, answer.body.id])
  assert.equal(last_message_at, answer.body.created_at)
  const channel = await get('ada', `/channels/${id}`)
  assert.deepEqual([channel.body.kind, channel.body.name, channel.body.workspace_id], ['direct', null, null])
})

test('the same client id, and the same key, are the same message', async (t) => {
  const { ids, send, events } = await open(t)
  const first = await send('ada', ids.bob, { body: 'once', client_id: 'c' })
  const second = await send('ada', ids.bob, { body: 'once', client_id: 'c' })
  assert.deepEqual([first.status, second.status, second.body.id], [201, 200, first.body.id])
  const keyed = await send('ada', ids.bob, { body: 'keyed' }, 'k')
  const again = await send('ada', ids.bob, { body: 'keyed' }, 'k')
  assert.deepEqual([again.status, again.body.id, again.headers['idempotency-replayed']], [201, keyed.body.id, 'true'])
  assert.equal((await events()).filter(({ type }) => type === 'message.created').length, 2)
})

test('who does not exist for one cannot be written to or read', async (t) => {
  const { ids, get, send } = await open(t)
  for (const id of [ids.eve, ids.mallory, ids.general]) {
    const sent = await send('ada', id, { body: 'hello?' })
    assert.deepEqual([sent.status, sent.body.error.code], [404, 'user_not_found'])
    assert.equal((await get('ada', `/dms/users/${id}/messages`)).status, 404)
  }
  assert.equal((await send('ada', 'nobody', { body: 'hello?' })).status, 422)
  assert.equal((await get('ada', '/dms?cursor=nonsense')).body.error.code, 'invalid_cursor')
  const note = await send('eve', ids.eve, { body: 'note' })
  assert.equal(note.status, 201)
})

test('a first message that is refused opens no conversation', async (t) => {
  const world = await testWorld(t)
  const app = await testTeamChat(t, world)
  const url = `/dms/users/${world.ids.bob}/messages`
  for (const payload of [
    { body: ' ' },
    { body: 'hi', parent_message_id: world.ids.general },
    { body: 'hi', attachments: [world.ids.general] },
  ]) {
    const refused = await app.inject({ method: 'POST', url, headers: bearer('ada'), payload })
    assert.ok(refused.statusCode >= 400 && refused.statusCode < 500, refused.body)
  }
  const dms = await app.inject({ method: 'GET', url: '/dms', headers: bearer('ada') })
  assert.deepEqual(dms.json().data, [])
  assert.deepEqual(await world.events(), [])
})
