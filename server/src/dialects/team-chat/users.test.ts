import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { bearer } from '../../testing/authenticate-cast.ts'
import type { Name } from '../../testing/cast.ts'
import { testTeamChat } from '../../testing/team-chat.ts'
import { testWorld } from '../../testing/world.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const LATER = addMs(NOW, 3_600_000)

type Method = 'GET' | 'PUT' | 'PATCH' | 'DELETE'

async function open(t: TestContext) {
  const world = await testWorld(t)
  world.setNow(NOW)
  const app = await testTeamChat(t, world)
  const call = async (name: Name, [method, url]: [Method, string], payload?: object) => {
    const reply = await app.inject({ method, url, headers: bearer(name), ...(payload && { payload }) })
    return { status: reply.statusCode, body: reply.body === '' ? null : reply.json() }
  }
  return { ...world, call }
}

test('only you see your email, also under your id', async (t) => {
  const { call, ids } = await open(t)
  const me = await call('ada', ['GET', '/users/me'])
  assert.deepEqual([me.status, me.body.email], [200, 'ada@example.com'])
  assert.deepEqual((await call('ada', ['GET', `/users/${ids.ada.toUpperCase()}`])).body, me.body)
  const { email: _, ...shown } = me.body
  assert.deepEqual((await call('bob', ['GET', `/users/${ids.ada}/`])).body, shown)
  const stranger = await call('eve', ['GET', `/users/${ids.ada}`])
  assert.deepEqual([stranger.status, stranger.body.error.code], [404, 'user_not_found'])
  const nonsense = await call('ada', ['GET', '/users/nonsense'])
  assert.deepEqual([nonsense.status, Object.keys(nonsense.body.error.fields)], [422, ['user_id']])
})

test('a profile is changed by PUT and by PATCH', async (t) => {
  const { call } = await open(t)
  const put = await call('ada', ['PUT', '/users/me'], { name: 'Ada L.', id: 'ignored' })
  assert.deepEqual([put.status, put.body.name, put.body.username, put.body.updated_at], [200, 'Ada L.', 'ada', NOW])
  const patch = await call('ada', ['PATCH', '/users/me'], { username: 'ada.l', email: 'ada@lovelace.example' })
  assert.deepEqual([patch.body.username, patch.body.email], ['ada.l', 'ada@lovelace.example'])
  const refusal = async (payload: object) => {
    const { status, body } = await call('ada', ['PUT', '/users/me'], payload)
    return [status, body.error.code, Object.keys(body.error.fields)]
  }
  assert.deepEqual(await refusal({ name: null }), [422, 'invalid_request', ['name']])
  assert.deepEqual(await refusal({ email: 'bob@example.com' }), [409, 'email_taken', ['email']])
  assert.deepEqual(await refusal({ password: 'a new one' }), [422, 'invalid_request', ['current_password']])
  const wrong = { password: 'a new one', current_password: 'wrong' }
  assert.deepEqual(await refusal(wrong), [422, 'wrong_password', ['current_password']])
})

test('a status is chosen, shown while it lasts, and cleared', async (t) => {
  const { call, ids, setNow } = await open(t)
  const chosen = { status: 'out_of_office', text: 'On the moon', expires_at: LATER }
  const put = await call('ada', ['PUT', '/users/me/status'], chosen)
  const shown = { status: 'out_of_office', status_text: 'On the moon', status_expires_at: LATER }
  const statusOf = async (name: Name) => {
    const { status, status_text, status_expires_at } = (await call(name, ['GET', `/users/${ids.ada}`])).body
    return { status, status_text, status_expires_at }
  }
  assert.deepEqual([put.status, put.body.status, put.body.email], [200, 'out_of_office', 'ada@example.com'])
  assert.deepEqual(await statusOf('bob'), shown)
  // The job that clears it may come a little later.
  setNow(LATER)
  assert.deepEqual(await statusOf('bob'), { status: 'offline', status_text: null, status_expires_at: null })
  await call('ada', ['PUT', '/users/me/status'], { status: null, text: 'Reading' })
  assert.deepEqual(await statusOf('bob'), { status: 'offline', status_text: 'Reading', status_expires_at: null })
  const cleared = await call('ada', ['DELETE', '/users/me/status'])
  assert.deepEqual([cleared.status, cleared.body], [204, null])
  assert.deepEqual(await statusOf('ada'), { status: 'offline', status_text: null, status_expires_at: null })
})

test('what is wrong with a status is said by field', async (t) => {
  const { call } = await open(t)
  const fields = async (payload: object) => {
    const { status, body } = await call('ada', ['PUT', '/users/me/status'], payload)
    return [status, Object.keys(body.error.fields).sort()]
  }
  assert.deepEqual(await fields({}), [422, ['status']])
  assert.deepEqual(await fields({ status: 'asleep' }), [422, ['status']])
  const both = { status: 'busy', text: 'x'.repeat(129), expires_at: NOW }
  assert.deepEqual(await fields(both), [422, ['expires_at', 'text']])
})

test('people are found under both paths, page by page', async (t) => {
  const { call, ids } = await open(t)
  for (const path of ['/users', '/users/search']) {
    const first = await call('ada', ['GET', `${path}?q=a&limit=1`])
    assert.equal(first.status, 200)
    assert.deepEqual([first.body.data.length, first.body.has_more], [1, false])
    assert.deepEqual([first.body.data[0].username, first.body.data[0].email], ['ada', undefined])
    assert.equal((await call('ada', ['GET', path])).status, 422)
    assert.equal((await call('ada', ['GET', `${path}?q=`])).status, 422)
    assert.equal((await call('ada', ['GET', `${path}?q=a&limit=101`])).status, 422)
    assert.equal((await call('ada', ['GET', `${path}?q=a&cursor=x`])).body.error.code, 'invalid_cursor')
    const foreign = await call('ada', ['GET', `${path}?q=a&workspace_id=${ids.otherWorkspace}`])
    assert.deepEqual([foreign.status, foreign.body.error.code], [404, 'workspace_not_found'])
  }
})
