import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { InjectOptions } from 'fastify'
import { bearer } from '../../testing/authenticate-cast.ts'
import type { Name } from '../../testing/cast.ts'
import { testTeamChat } from '../../testing/team-chat.ts'
import { testWorld } from '../../testing/world.ts'

async function open(t: TestContext) {
  const world = await testWorld(t)
  const app = await testTeamChat(t, world)
  const call = async (name: Name, method: InjectOptions['method'], url: string, payload?: object) => {
    const { statusCode, body } = await app.inject({ method, url, headers: bearer(name), ...(payload && { payload }) })
    return { status: statusCode, json: body === '' ? null : JSON.parse(body) }
  }
  return { world, ids: world.ids, call, general: `/channels/${world.ids.general}/messages` }
}

test('a message is sent and read with all its fields', async (t) => {
  const { call, ids, general } = await open(t)
  const sent = await call('ada', 'POST', general, { body: 'hi @bob', client_id: 'c1' })
  assert.equal(sent.status, 201)
  const { id, created_at, ...fields } = sent.json
  assert.deepEqual(fields, {
    channel_id: ids.general,
    workspace_id: ids.workspace,
    user_id: ids.ada,
    body: 'hi @bob',
    parent_message_id: null,
    thread_reply_count: 0,
    thread_last_reply_at: null,
    attachments: [],
    reactions: [],
    reaction_count: 0,
    mentions: [{ type: 'user', user_id: ids.bob, username: 'bob' }],
    client_id: 'c1',
    sequence: 1,
    revision: 0,
    updated_at: created_at,
    edited_at: null,
    deleted_at: null,
  })
  assert.deepEqual(await call('ada', 'POST', general, { body: 'again', client_id: 'c1' }), { ...sent, status: 200 })
  assert.deepEqual((await call('bob', 'GET', `/messages/${id}`)).json, sent.json)
  assert.deepEqual((await call('bob', 'GET', general)).json, {
    data: [sent.json],
    next_cursor: null,
    has_more: false,
    previous_cursor: null,
  })
})

test('an id in capitals is the same id', async (t) => {
  const { call, ids } = await open(t)
  const sent = await call('ada', 'POST', `/channels/${ids.general.toUpperCase()}/messages`, { body: 'hi' })
  assert.equal(sent.json.channel_id, ids.general)
  const around = `?around=${sent.json.id.toUpperCase()}`
  const page = await call('ada', 'GET', `/channels/${ids.general.toUpperCase()}/messages${around}`)
  assert.deepEqual(page.json.data, [sent.json])
})

test('history goes by pages, times and places', async (t) => {
  const { call, general } = await open(t)
  const sent = []
  for (let i = 0; i < 5; i++) sent.push((await call('ada', 'POST', general, { body: `${i}` })).json)
  const bodies = async (query: string) => {
    const { json } = await call('bob', 'GET', general + query)
    return json.data.map((message: { body: string }) => message.body)
  }
  const first = (await call('bob', 'GET', `${general}?limit=2`)).json
  assert.equal(first.has_more, true)
  assert.deepEqual(await bodies(`?limit=2&cursor=${first.next_cursor}`), ['2', '1'])
  assert.deepEqual(await bodies('?order=asc&limit=2'), ['0', '1'])
  assert.deepEqual(await bodies(`?around=${sent[2].id}&limit=3`), ['3', '2', '1'])
  assert.deepEqual(await bodies('?cursor=2020-01-01T00:00:00Z'), [])
  assert.deepEqual(await bodies('?cursor=2020-01-01T00:00:00Z&order=asc'), ['0', '1', '2', '3', '4'])
})

test('nonsense is refused with its field', async (t) => {
  const { call, general, ids } = await open(t)
  const { json: message } = await call('ada', 'POST', general, { body: 'hi' })
  const refusals: [method: 'GET' | 'POST' | 'PUT', url: string, payload: object | undefined, field: string][] = [
    ['GET', `${general}?limit=0`, undefined, 'limit'],
    ['GET', `${general}?limit=101`, undefined, 'limit'],
    ['GET', `${general}?limit=many`, undefined, 'limit'],
    ['GET', `${general}?cursor=nonsense`, undefined, 'cursor'],
    ['GET', `${general}?order=up`, undefined, 'order'],
    ['GET', `${general}?around=nowhere`, undefined, 'around'],
    ['GET', '/messages/x', undefined, 'message_id'],
    ['GET', '/channels/x/messages', undefined, 'channel_id'],
    ['POST', general, {}, 'body'],
    ['POST', general, { body: '' }, 'body'],
    ['POST', general, { body: 5 }, 'body'],
    ['POST', general, { body: 'x'.repeat(40_001) }, 'body'],
    ['POST', general, { body: 'x', parent_message_id: 'x' }, 'parent_message_id'],
    ['POST', general, { body: 'x', parent_message_id: ids.ada }, 'parent_message_id'],
    ['POST', general, { body: 'x', client_id: 'x'.repeat(129) }, 'client_id'],
    ['POST', general, { body: 'x', attachments: Array(11).fill(ids.ada) }, 'attachments'],
    ['POST', general, { body: 'x', attachments: ['https://elsewhere.example/a.png'] }, 'attachments.0'],
    ['POST', general, { body: 'x', attachments: [{}] }, 'attachments.0'],
    ['PUT', `/messages/${message.id}`, {}, 'body'],
    ['PUT', `/messages/${message.id}`, { body: ' ' }, 'body'],
    ['PUT', `/messages/${message.id}`, { body: 'x', revision: 'one' }, 'revision'],
  ]
  for (const [method, url, payload, field] of refusals) {
    const { status, json } = await call('ada', method, url, payload)
    assert.equal(status, 422, `${method} ${url} ${JSON.stringify(payload)}`)
    assert.ok(json.error.fields?.[field], `${field} in ${JSON.stringify(json)}`)
  }
  const foreign = await call('ada', 'POST', general, { body: 'x', attachments: [ids.ada] })
  assert.deepEqual([foreign.status, foreign.json.error.code], [404, 'file_not_found'])
})

test('a message is edited, and its revisions are kept', async (t) => {
  const { call, ids, general } = await open(t)
  const { json: message } = await call('ada', 'POST', general, { body: 'one' })
  const edited = await call('ada', 'PUT', `/messages/${message.id}`, { body: 'two', revision: 0 })
  assert.deepEqual([edited.status, edited.json.body, edited.json.revision], [200, 'two', 1])
  const late = await call('ada', 'PATCH', `/messages/${message.id}`, { body: 'three', revision: 0 })
  assert.deepEqual([late.status, late.json.error.code], [409, 'edit_conflict'])
  const others = await call('bob', 'PUT', `/messages/${message.id}`, { body: 'mine' })
  assert.deepEqual([others.status, others.json.error.code], [403, 'permission_denied'])
  const { json } = await call('ada', 'GET', `/messages/${message.id}/revisions`)
  const { replaced_at, ...revision } = json.data[0]
  assert.deepEqual(revision, { revision: 0, body: 'one', replaced_by: ids.ada })
  assert.equal(replaced_at, edited.json.edited_at)
})

test('a message is deleted, twice too, and leaves its place', async (t) => {
  const { call, general } = await open(t)
  const { json: message } = await call('bob', 'POST', general, { body: 'oops' })
  await call('ada', 'POST', general, { body: 'reply', parent_message_id: message.id })
  const refused = await call('gus', 'DELETE', `/messages/${message.id}`)
  assert.equal(refused.status, 404)
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(await call('bob', 'DELETE', `/messages/${message.id}`), { status: 204, json: null })
  }
  const { json: deleted } = await call('ada', 'GET', `/messages/${message.id}`)
  assert.deepEqual([deleted.body, deleted.thread_reply_count, typeof deleted.deleted_at], ['', 1, 'string'])
  const replies = await call('ada', 'GET', `/messages/${message.id}/replies`)
  assert.deepEqual(
    replies.json.data.map(({ body }: { body: string }) => body),
    ['reply'],
  )
  const edit = await call('bob', 'PUT', `/messages/${message.id}`, { body: 'back' })
  assert.deepEqual([edit.status, edit.json.error.code], [409, 'message_deleted'])
})

test('reactions are added, listed and removed in all the ways of the contract', async (t) => {
  const { call, ids, general } = await open(t)
  const { json: message } = await call('ada', 'POST', general, { body: 'hi' })
  const url = `/messages/${message.id}/reactions`
  const add = (content: string) => call('bob', 'POST', url, { reaction_content: content })
  const first = await add('👍')
  assert.equal(first.status, 201)
  const { id, created_at, ...fields } = first.json
  assert.deepEqual(fields, { message_id: message.id, user_id: ids.bob, reaction_content: '👍', updated_at: created_at })
  assert.deepEqual(await add('👍'), { ...first, status: 200 })
  assert.deepEqual((await call('ada', 'GET', `/message/${message.id}/reactions`)).json.data, [first.json])
  const { json: shown } = await call('ada', 'GET', `/messages/${message.id}`)
  assert.deepEqual([shown.reaction_count, shown.reactions], [1, [first.json]])
  assert.deepEqual((await call('ada', 'GET', general)).json.data, [shown])

  const foreign = await call('ada', 'DELETE', `${url}/${id}`)
  assert.deepEqual([foreign.status, foreign.json.error.code], [404, 'reaction_not_found'])
  const ways: (() => ReturnType<typeof call>)[] = [
    async () => call('bob', 'DELETE', `${url}/${(await add('👍')).json.id}`),
    () => call('bob', 'DELETE', `/message/${message.id}/reactions/${encodeURIComponent('👍')}`),
    () => call('bob', 'DELETE', `${url}?reaction_content=${encodeURIComponent('👍')}`),
    async () => call('bob', 'DELETE', `${url}?reaction_id=${(await add('👍')).json.id}`),
    () => call('bob', 'DELETE', url, { reaction_content: '👍' }),
    async () => call('bob', 'DELETE', url, { reaction_id: (await add('👍')).json.id }),
  ]
  for (const [i, remove] of ways.entries()) {
    await add('👍')
    assert.deepEqual(await remove(), { status: 204, json: null }, `way ${i}`)
    assert.deepEqual((await call('ada', 'GET', url)).json.data, [], `way ${i}`)
  }
  assert.equal((await call('bob', 'DELETE', url)).status, 422)
  assert.equal((await call('bob', 'DELETE', url, { reaction_content: '👍' })).status, 404)
  for (const content of ['', 'a b', 'x'.repeat(65), 5, null]) {
    const refused = await call('bob', 'POST', url, { reaction_content: content })
    assert.ok(refused.status === 422 && refused.json.error.fields.reaction_content, JSON.stringify(refused))
  }
})

test('notifications are listed and read', async (t) => {
  const { call, ids, general } = await open(t)
  const { json: message } = await call('ada', 'POST', general, { body: 'hi @bob' })
  await call('ada', 'POST', general, { body: '@bob again' })
  const { json: list } = await call('bob', 'GET', '/notifications?limit=1')
  assert.deepEqual([list.data.length, list.has_more, list.unread_count], [1, true, 2])
  const { json: rest } = await call('bob', 'GET', `/notifications?cursor=${list.next_cursor}&type=mention&filter=all`)
  const { id, created_at, ...fields } = rest.data[0]
  assert.deepEqual(fields, {
    recipient_user_id: ids.bob,
    actor_user_id: ids.ada,
    event_type: 'mention',
    target_type: 'message',
    target_id: message.id,
    workspace_id: ids.workspace,
    channel_id: ids.general,
    read_at: null,
    updated_at: created_at,
  })
  const read = await call('bob', 'PUT', `/notifications/${id}`)
  assert.deepEqual([read.status, typeof read.json.read_at], [200, 'string'])
  assert.deepEqual(await call('bob', 'PATCH', `/notifications/${id}`), read)
  assert.equal((await call('ada', 'PUT', `/notifications/${id}`)).status, 404)
  assert.deepEqual((await call('bob', 'PUT', '/notifications')).json, { updated: 1 })
  assert.equal((await call('bob', 'GET', '/notifications')).json.unread_count, 0)
  assert.equal((await call('bob', 'GET', '/notifications?filter=some')).status, 422)
})

test('messages are searched', async (t) => {
  const { call, general } = await open(t)
  const { json: message } = await call('ada', 'POST', general, { body: 'the quarterly report' })
  await call('bob', 'POST', `/messages/${message.id}/reactions`, { reaction_content: '🎉' })
  const found = await call('bob', 'GET', `/search/messages?q=${encodeURIComponent('quarter from:@ada in:#general')}`)
  assert.deepEqual([found.status, found.json.data.length, found.json.has_more], [200, 1, false])
  assert.equal(found.json.data[0].reactions.length, 1)
  assert.deepEqual((await call('gus', 'GET', '/search/messages?q=quarterly')).json.data, [])
  for (const query of ['', '?q=', '?q=has:nonsense', '?q=before:never']) {
    const { status, json } = await call('bob', 'GET', `/search/messages${query}`)
    assert.ok(status === 422 && json.error.fields.q, JSON.stringify(json))
  }
})
