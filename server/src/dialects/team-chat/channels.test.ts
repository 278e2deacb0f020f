import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { bearer } from '../../testing/authenticate-cast.ts'
import type { Name } from '../../testing/cast.ts'
import { testTeamChat } from '../../testing/team-chat.ts'
import { testWorld } from '../../testing/world.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

async function open(t: TestContext) {
  const world = await testWorld(t)
  const app = await testTeamChat(t, world)
  const call = async (name: Name, [method, url]: [Method, string], payload?: object) => {
    const reply = await app.inject({ method, url, headers: bearer(name), ...(payload && { payload }) })
    return { status: reply.statusCode, body: reply.body === '' ? null : reply.json() }
  }
  return { ...world, call }
}

test('a channel is made, listed, read, changed and deleted', async (t) => {
  const { call, ids } = await open(t)
  const url = `/workspaces/${ids.workspace}/channels`
  const made = await call('bob', ['POST', url], { name: '#dev', description: 'Code', member_ids: [ids.gus] })
  assert.equal(made.status, 201)
  const { id, created_at, updated_at, ...rest } = made.body
  assert.deepEqual(rest, {
    workspace_id: ids.workspace,
    kind: 'channel',
    name: 'dev',
    description: 'Code',
    is_private: false,
    is_member: true,
    created_by: ids.bob,
    unread_count: 0,
    last_message_at: null,
  })
  assert.equal(created_at, updated_at)
  assert.deepEqual((await call('bob', ['GET', `/channels/${id}/`])).body, made.body)
  assert.deepEqual((await call('bob', ['GET', `${url}?q=DE`])).body.data, [made.body])
  assert.equal((await call('cy', ['GET', `/channels/${id}`])).body.is_member, false)
  const own = await call('bob', ['GET', `${url}?member_only=true`])
  assert.deepEqual(own.body.data.map((channel: { name: string }) => channel.name).sort(), ['dev', 'general'])

  const changed = await call('bob', ['PUT', `/channels/${id}`], { name: 'devs', description: null, is_private: true })
  assert.deepEqual(
    [changed.status, changed.body.name, changed.body.description, changed.body.is_private],
    [200, 'devs', null, true],
  )
  assert.equal((await call('cy', ['GET', `/channels/${id}`])).body.error.code, 'channel_not_found')
  assert.equal((await call('gus', ['PATCH', `/channels/${id}`], { name: 'mine' })).status, 403)
  assert.equal((await call('bob', ['DELETE', `/channels/${id}`])).status, 204)
  assert.equal((await call('bob', ['GET', `/channels/${id}`])).status, 404)
})

test('what is wrong with a channel is said by field', async (t) => {
  const { call, ids } = await open(t)
  const told = async (name: Name, payload: object) => {
    const { status, body } = await call(name, ['POST', `/workspaces/${ids.workspace}/channels`], payload)
    return [status, body.error.code, ...Object.keys(body.error.fields ?? {})]
  }
  assert.deepEqual(await told('bob', {}), [422, 'invalid_request', 'name'])
  assert.deepEqual(await told('bob', { name: '#' }), [422, 'invalid_request', 'name'])
  assert.deepEqual(await told('bob', { name: 'General' }), [409, 'channel_name_taken', 'name'])
  assert.deepEqual(await told('bob', { name: 'x', member_ids: ['x'] }), [422, 'invalid_request', 'member_ids.0'])
  const stranger = await told('bob', { name: 'x', member_ids: [ids.ada, ids.eve] })
  assert.deepEqual(stranger, [422, 'not_a_workspace_member', 'member_ids.1'])
  assert.deepEqual(await told('gus', { name: 'x' }), [403, 'permission_denied'])
  assert.deepEqual(await told('mallory', { name: 'x' }), [404, 'workspace_not_found', 'workspace_id'])
})

test('people come into a channel and leave it, named in each way', async (t) => {
  const { call, ids } = await open(t)
  const url = `/channels/${ids.general}/members`
  const joined = await call('cy', ['POST', url])
  assert.equal(joined.status, 201)
  const { id, channel_id, user_id, user, joined_at } = joined.body
  assert.deepEqual([id, channel_id, user_id, user.username], [ids.cy, ids.general, ids.cy, 'cy'])
  assert.ok(joined_at)
  assert.equal((await call('cy', ['POST', url], {})).body.error.code, 'already_channel_member')
  assert.equal((await call('bob', ['POST', url], { user_id: ids.gus })).status, 201)
  const outsider = await call('bob', ['POST', url], { user_id: ids.eve })
  assert.deepEqual([outsider.status, outsider.body.error.code], [422, 'not_a_workspace_member'])
  const first = await call('gus', ['GET', `${url}?limit=3`])
  const second = await call('gus', ['GET', `${url}?limit=3&cursor=${first.body.next_cursor}`])
  assert.deepEqual([first.body.has_more, second.body.has_more], [true, false])
  assert.equal(first.body.data.length + second.body.data.length, 4)

  assert.equal((await call('bob', ['DELETE', `${url}/${ids.gus}`])).status, 403)
  assert.equal((await call('cy', ['DELETE', `${url}/${ids.gus}`])).status, 204)
  assert.equal((await call('cy', ['DELETE', `${url}?user_id=${ids.bob}`])).status, 204)
  assert.equal((await call('cy', ['DELETE', url], { user_id: ids.cy })).status, 204)
  assert.equal((await call('cy', ['DELETE', url])).status, 422)
  assert.equal((await call('ada', ['DELETE', `${url}/${ids.bob}`])).body.error.code, 'channel_member_not_found')
  assert.equal((await call('mallory', ['GET', url])).body.error.code, 'channel_not_found')
})

test('an id in capital letters is the same id', async (t) => {
  const { call, ids, events } = await open(t)
  const members = `/channels/${ids.general.toUpperCase()}/members`
  assert.equal((await call('ada', ['POST', members], { user_id: ids.gus.toUpperCase() })).status, 201)
  assert.equal((await call('ada', ['DELETE', `${members}?user_id=${ids.gus.toUpperCase()}`])).status, 204)
  const made = { name: 'caps', member_ids: [ids.bob.toUpperCase(), ids.ada.toUpperCase()] }
  const workspace = `/workspaces/${ids.workspace.toUpperCase()}`
  assert.equal((await call('ada', ['POST', `${workspace}/channels`], made)).status, 201)
  assert.equal((await call('gus', ['DELETE', `${workspace}/members/${ids.gus.toUpperCase()}`])).status, 204)
  for (const { streamId } of await events()) assert.equal(streamId, streamId.toLowerCase())
})

test('what one has read is remembered, and told', async (t) => {
  const { call, ids } = await open(t)
  const channel = `/channels/${ids.general}`
  const send = async (body: string) => (await call('ada', ['POST', `${channel}/messages`], { body })).body.id
  const first = await send('one')
  await send('two')
  assert.equal((await call('bob', ['GET', channel])).body.unread_count, 2)
  const some = await call('bob', ['PUT', `${channel}/read`], { message_id: first })
  assert.deepEqual(some.body, { channel_id: ids.general, read_sequence: 1, unread_count: 1 })
  const all = await call('bob', ['PUT', `${channel}/read`])
  assert.deepEqual(all.body, { channel_id: ids.general, read_sequence: 2, unread_count: 0 })
  const { last_message_at } = (await call('bob', ['GET', channel])).body
  assert.match(last_message_at, /^\d{4}-.*Z$/)
})
