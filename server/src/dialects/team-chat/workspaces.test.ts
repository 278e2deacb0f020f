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
    return { status: reply.statusCode, body: reply.body === '' ? null : reply.json(), headers: reply.headers }
  }
  return { ...world, app, call }
}

const STRANGE = '018f0000-0000-7000-8000-000000000000'

test('a workspace is made, listed, read, changed and deleted', async (t) => {
  const { call, ids } = await open(t)
  const made = await call('eve', ['POST', '/workspaces/'], { name: ' Team Rocket ' })
  assert.equal(made.status, 201)
  const { id, created_at, updated_at, ...rest } = made.body
  assert.deepEqual(rest, { name: 'Team Rocket', domain: 'team-rocket', role: 'owner', created_by: ids.eve })
  assert.equal(created_at, updated_at)
  const listed = await call('eve', ['GET', '/workspaces'])
  assert.deepEqual(listed.body, { data: [made.body], next_cursor: null, has_more: false })
  assert.deepEqual((await call('eve', ['GET', `/workspaces/${id}`])).body, made.body)
  const changed = await call('eve', ['PUT', `/workspaces/${id}`], { domain: 'rocket' })
  assert.deepEqual([changed.status, changed.body.name, changed.body.domain], [200, 'Team Rocket', 'rocket'])
  assert.equal((await call('eve', ['PATCH', `/workspaces/${id}`], { name: 'R' })).body.name, 'R')
  assert.deepEqual(await call('eve', ['DELETE', `/workspaces/${id}`]).then(({ status, body }) => [status, body]), [
    204,
    null,
  ])
  assert.equal((await call('eve', ['GET', `/workspaces/${id}`])).body.error.code, 'workspace_not_found')
})

test('what is wrong with a workspace is said by field', async (t) => {
  const { call, ids } = await open(t)
  const fields = async (payload: object) => {
    const { status, body } = await call('ada', ['POST', '/workspaces'], payload)
    return [status, body.error.code, Object.keys(body.error.fields)]
  }
  assert.deepEqual(await fields({}), [422, 'invalid_request', ['name']])
  assert.deepEqual(await fields({ name: 7 }), [422, 'invalid_request', ['name']])
  assert.deepEqual(await fields({ name: 'x', domain: 'a b' }), [422, 'invalid_request', ['domain']])
  assert.deepEqual(await fields({ name: 'x', domain: 'acme' }), [409, 'domain_taken', ['domain']])
  assert.equal((await call('ada', ['GET', '/workspaces?limit=0'])).status, 422)
  assert.equal((await call('ada', ['GET', '/workspaces?cursor=x'])).body.error.code, 'invalid_cursor')
  assert.equal((await call('ada', ['GET', '/workspaces/nonsense'])).status, 422)
  assert.equal((await call('bob', ['DELETE', `/workspaces/${ids.workspace}`])).status, 403)
})

test('members are added, listed, changed and removed, named in each way', async (t) => {
  const { call, ids } = await open(t)
  const url = `/workspaces/${ids.workspace}/members`
  const added = await call('ada', ['POST', url], { email: 'eve@example.com', role: 'guest' })
  assert.equal(added.status, 201)
  const { id, workspace_id, user_id, role, user } = added.body
  assert.deepEqual([id, workspace_id, user_id, role], [ids.eve, ids.workspace, ids.eve, 'guest'])
  assert.deepEqual([user.username, user.status, user.email], ['eve', 'offline', undefined])
  const again = await call('ada', ['POST', url], { user_id: ids.eve })
  assert.deepEqual([again.status, again.body.error.code], [409, 'already_member'])
  const changed = await call('ada', ['PATCH', `${url}/${ids.eve}`], { role: 'agent' })
  assert.deepEqual([changed.status, changed.body.role], [200, 'agent'])
  const page = await call('eve', ['GET', `${url}?role=agent&q=EV`])
  assert.deepEqual(page.body.data, [changed.body])
  assert.equal((await call('gus', ['GET', url])).status, 403)

  assert.equal((await call('ada', ['DELETE', url])).body.error.fields.user_id[0], 'is required')
  assert.equal((await call('ada', ['DELETE', `${url}?user_id=${ids.eve}`])).status, 204)
  assert.equal((await call('ada', ['DELETE', url], { user_id: ids.gus })).status, 204)
  assert.equal((await call('bob', ['DELETE', `${url}/${ids.bob}`])).status, 204)
  assert.equal((await call('ada', ['DELETE', `${url}/${STRANGE}`])).body.error.code, 'member_not_found')
  assert.equal((await call('ada', ['DELETE', `${url}/${ids.ada}`])).body.error.code, 'last_owner')
})

test('who is invited must exist, and who invites is told which field was wrong', async (t) => {
  const { call, ids } = await open(t)
  const url = `/workspaces/${ids.workspace}/members`
  const told = async (name: Name, payload: object) => {
    const { status, body } = await call(name, ['POST', url], payload)
    return [status, body.error.code, ...Object.keys(body.error.fields ?? {})]
  }
  assert.deepEqual(await told('ada', { email: 'no@example.com' }), [404, 'user_not_found', 'email'])
  assert.deepEqual(await told('ada', { username: 'no' }), [404, 'user_not_found', 'username'])
  assert.deepEqual(await told('ada', { user_id: STRANGE }), [404, 'user_not_found', 'user_id'])
  assert.deepEqual(await told('ada', { user_id: ids.eve, role: 'king' }), [422, 'invalid_request', 'role'])
  assert.deepEqual(await told('ada', {}), [422, 'invalid_request', 'user_id'])
  assert.deepEqual(await told('cy', { user_id: ids.eve, role: 'owner' }), [403, 'permission_denied'])
  assert.deepEqual(await told('mallory', { user_id: ids.eve }), [404, 'workspace_not_found', 'workspace_id'])
})

test('a keyed invitation that is repeated is answered as before', async (t) => {
  const { app, ids, events } = await open(t)
  const invite = (payload: object) =>
    app.inject({
      method: 'POST',
      url: `/workspaces/${ids.workspace}/members`,
      headers: { ...bearer('ada'), 'idempotency-key': 'k' },
      payload,
    })
  const first = await invite({ user_id: ids.eve })
  const second = await invite({ user_id: ids.eve })
  assert.deepEqual([second.statusCode, second.headers['idempotency-replayed']], [201, 'true'])
  assert.equal(second.body, first.body)
  assert.equal((await events()).filter(({ type }) => type === 'member.joined').length, 1)
})
