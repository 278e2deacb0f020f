import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makeTeam, say } from './team.ts'

const { url } = await startTestServer()

type Shown = { id: string; body: string; sequence: number }
const bodies = (messages: Shown[]) => messages.map(({ body }) => body)

test('a message is sent, byte for byte, and read by whoever sees the channel', async () => {
  const { ada, cy, workspace, general } = await makeTeam(url)
  const body = '  <b>&amp;</b> \u202Eمرحبا 👩‍👩‍👧‍👦\n\t"quoted" \\ e\u0301 '
  const sent = await say(ada, general, body)
  assert.deepEqual(
    [sent.body, sent.channel_id, sent.workspace_id, sent.user_id, sent.sequence, sent.revision],
    [body, general, workspace, ada.id, 1, 0],
  )
  assert.deepEqual([sent.attachments, sent.reactions, sent.mentions, sent.parent_message_id], [[], [], [], null])
  assert.deepEqual(await ok(200, cy.get(`/messages/${sent.id}`)), sent)
  assert.deepEqual((await ok(200, cy.get(`/channels/${general}/messages`))).data, [sent])
  assert.equal((await ok(200, cy.get(`/channels/${general}`))).last_message_at, sent.created_at)
})

test('what a message must have', async () => {
  const { ada, general } = await makeTeam(url)
  const path = `/channels/${general}/messages`
  for (const [field, body] of [
    ['body', {}],
    ['body', { body: '' }],
    ['body', { body: ' \n ' }],
    ['body', { body: 5 }],
    ['body', { body: null }],
    ['body', { body: 'x'.repeat(40_001) }],
    ['body', { body: 'a\u0000b' }],
    ['parent_message_id', { body: 'x', parent_message_id: 'x' }],
    ['client_id', { body: 'x', client_id: '' }],
    ['client_id', { body: 'x', client_id: 'x'.repeat(129) }],
    ['attachments', { body: 'x', attachments: 'x' }],
    ['attachments', { body: 'x', attachments: Array(11).fill(randomUUID()) }],
    ['attachments.0', { body: 'x', attachments: ['https://elsewhere.example/a.png'] }],
  ] as const) {
    const { status, body: answer } = await ada.post(path, body)
    assert.equal(status, 422, JSON.stringify(body))
    assert.ok(answer.error.fields[field], `${field} in ${JSON.stringify(answer)}`)
  }
  await refused('422 invalid_request body', ada.post(path, '{"body": "half \\ud800"}'))
  await refused('422 invalid_request channel_id', ada.post('/channels/x/messages', { body: 'x' }))
  await refused('404 channel_not_found', ada.post(`/channels/${randomUUID()}/messages`, { body: 'x' }))
  assert.deepEqual((await ok(200, ada.get(path))).data, [])
  await say(ada, general, '🎉'.repeat(20_000))
})

test('the same client_id is the same message, also twenty times at once, and belongs to its author', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const path = `/channels/${general}/messages`
  const send = () => ada.post(path, { body: 'once', client_id: 'c-1' })
  const answers = await Promise.all(Array.from({ length: 20 }, send))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(19).fill(200), 201])
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  await say(bob, general, 'of bob', { client_id: 'c-1' })
  assert.deepEqual(bodies((await ok(200, ada.get(`${path}?order=asc`))).data), ['once', 'of bob'])
})

test('fifty messages at once have fifty places in a row', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const sent = await Promise.all(Array.from({ length: 50 }, (_, i) => say(i % 2 ? ada : bob, general, `${i}`)))
  assert.deepEqual(
    sent.map(({ sequence }) => sequence).sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i + 1),
  )
  const read = await readAll(ada.get, `/channels/${general}/messages?order=asc&limit=7`)
  assert.deepEqual(
    read.map(({ id }) => id),
    sent.sort((a, b) => a.sequence - b.sequence).map(({ id }) => id),
  )
})

test('pages neither lose nor repeat a message while others are written and deleted between them', async () => {
  const { ada, general } = await makeTeam(url)
  const path = `/channels/${general}/messages`
  const sent: Shown[] = []
  for (let i = 0; i < 9; i++) sent.push(await say(ada, general, `m${i}`))
  let written = 0
  const get = async (page: string) => {
    const answer = await ada.get(page)
    if (written < 4) await say(ada, general, `late ${written++}`)
    if (written === 2) await ok(204, ada.delete(`/messages/${sent[1]!.id}`))
    return answer
  }
  const down = await readAll(get, `${path}?limit=2`)
  assert.deepEqual(
    down.map(({ id }) => id),
    sent.map(({ id }) => id).reverse(),
  )
  assert.deepEqual([down.at(-2).body, down.at(-2).deleted_at !== null], ['', true])
  const up = await readAll(ada.get, `${path}?limit=3&order=asc`)
  assert.deepEqual(bodies(up), [
    'm0',
    '',
    ...'2345678'.split('').map((n) => `m${n}`),
    'late 0',
    'late 1',
    'late 2',
    'late 3',
  ])
})

test('a bare timestamp is a cursor, and a page can lie around a message or a time', async () => {
  const { ada, general } = await makeTeam(url)
  const path = `/channels/${general}/messages`
  const sent: (Shown & { created_at: string })[] = []
  for (let i = 0; i < 6; i++) sent.push(await say(ada, general, `${i}`))
  const at = encodeURIComponent(sent[3]!.created_at)
  const older = sent.filter(({ created_at }) => created_at < sent[3]!.created_at)
  assert.deepEqual((await ok(200, ada.get(`${path}?limit=50&cursor=${at}`))).data, older.reverse())
  const newer = sent.filter(({ created_at }) => created_at > sent[3]!.created_at)
  assert.deepEqual((await ok(200, ada.get(`${path}?cursor=${at}&order=asc`))).data, newer)

  const around = await ok(200, ada.get(`${path}?around=${sent[2]!.id}&limit=3`))
  assert.deepEqual(bodies(around.data), ['3', '2', '1'])
  const { next_cursor, previous_cursor } = around
  assert.deepEqual(bodies((await ok(200, ada.get(`${path}?cursor=${next_cursor}`))).data), ['0'])
  assert.deepEqual(bodies((await ok(200, ada.get(`${path}?cursor=${previous_cursor}&order=asc`))).data), ['4', '5'])
  const near = await ok(200, ada.get(`${path}?around=${at}&limit=3`))
  assert.ok(bodies(near.data).includes('3') || bodies(near.data).includes('2'))
  assert.equal(near.data.length, 3)
})

test('nonsense in a history query is refused by its name', async () => {
  const { ada, bob, general, secret } = await makeTeam(url)
  const path = `/channels/${general}/messages`
  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['order=up', 'order'],
    ['around=nowhere', 'around'],
    [`around=${randomUUID()}`, 'around'],
    ['include_replies=perhaps', 'include_replies'],
  ]) {
    const { status, body } = await ada.get(`${path}?${query}`)
    assert.ok(status === 422 || status === 404, `${query}: ${status}`)
    assert.ok(body.error.fields[field!], `${query}: ${JSON.stringify(body)}`)
  }
  await refused('422 invalid_cursor', ada.get(`${path}?cursor=nonsense`))
  await refused('422 invalid_cursor', ada.get(`${path}?cursor=${Buffer.from('{"a":1}').toString('base64url')}`))
  // A message of another channel is no place in this one.
  const hidden = await say(bob, secret, 'hidden')
  const elsewhere = await ada.get(`${path}?around=${hidden.id}`)
  assert.ok([404, 422].includes(elsewhere.status), `${elsewhere.status}`)
})

test('an edit keeps what was said before, for its author and the administrators', async () => {
  const { ada, bob, cy, general } = await makeTeam(url)
  const message = await say(bob, general, 'one')
  const path = `/messages/${message.id}`
  const edited = await ok(200, bob.put(path, { body: 'two', revision: 0 }))
  assert.deepEqual([edited.body, edited.revision, edited.sequence], ['two', 1, message.sequence])
  assert.ok(edited.edited_at >= message.created_at && edited.updated_at === edited.edited_at)
  await ok(200, bob.patch(path, { body: 'three' }))
  for (const person of [bob, ada]) {
    const { data } = await ok(200, person.get(`${path}/revisions`))
    assert.deepEqual(
      data.map(({ revision, body, replaced_by }: never) => [revision, body, replaced_by]),
      [
        [1, 'two', bob.id],
        [0, 'one', bob.id],
      ],
    )
  }
  assert.equal((await readAll(cy.get, `${path}/revisions?limit=1`)).length, 2)
  const other = await say(ada, general, 'x')
  await refused('403 permission_denied', bob.get(`/messages/${other.id}/revisions`))
  assert.deepEqual(bodies((await ok(200, cy.get(`/channels/${general}/messages`))).data), ['x', 'three'])
})

test('of two edits of one revision at once one is made, the other is told', async () => {
  const { ada, general } = await makeTeam(url)
  const { id } = await say(ada, general, 'one')
  const answers = await Promise.all(['left', 'right'].map((body) => ada.put(`/messages/${id}`, { body, revision: 0 })))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
  const won = answers.find(({ status }) => status === 200)!.body
  assert.equal(answers.find(({ status }) => status === 409)!.body.error.code, 'edit_conflict')
  assert.deepEqual(await ok(200, ada.get(`/messages/${id}`)), won)
})

test('edits at once without a revision are all kept, one after the other', async () => {
  const { ada, general } = await makeTeam(url)
  const { id } = await say(ada, general, 'start')
  await Promise.all(Array.from({ length: 8 }, (_, i) => ok(200, ada.put(`/messages/${id}`, { body: `edit ${i}` }))))
  const { revision, body } = await ok(200, ada.get(`/messages/${id}`))
  const kept = bodies((await ok(200, ada.get(`/messages/${id}/revisions`))).data)
  assert.equal(revision, 8)
  assert.deepEqual([...kept, body].sort(), [...Array.from({ length: 8 }, (_, i) => `edit ${i}`), 'start'].sort())
})

test('a message is edited by its author only', async () => {
  const { ada, bob, eve, gus, general } = await makeTeam(url)
  const { id } = await say(bob, general, 'mine')
  await refused('403 permission_denied', ada.put(`/messages/${id}`, { body: 'yours' }))
  for (const person of [eve, gus]) await refused('404 message_not_found', person.put(`/messages/${id}`, { body: 'x' }))
  await refused('404 message_not_found', bob.put(`/messages/${randomUUID()}`, { body: 'x' }))
  await refused('422 invalid_request message_id', bob.put('/messages/x', { body: 'x' }))
  await refused('422 invalid_request body', bob.put(`/messages/${id}`, {}))
  await refused('422 invalid_request revision', bob.put(`/messages/${id}`, { body: 'x', revision: 'one' }))
  assert.equal((await ok(200, bob.get(`/messages/${id}`))).body, 'mine')
})

test('a deleted message keeps its place without its text, for good', async () => {
  const { ada, bob, cy, eve, general } = await makeTeam(url)
  const message = await say(bob, general, 'a secret word')
  const path = `/messages/${message.id}`
  await ok(201, ada.post(`${path}/reactions`, { reaction_content: '👍' }))
  await refused('404 message_not_found', eve.delete(path))
  await ok(204, bob.delete(path))
  await ok(204, bob.delete(path))
  const seen = await ok(200, ada.get(path))
  assert.deepEqual(
    [seen.body, seen.reactions, seen.reaction_count, seen.mentions, seen.sequence],
    ['', [], 0, [], message.sequence],
  )
  assert.ok(seen.deleted_at)
  await refused('409 message_deleted', bob.put(path, { body: 'back' }))
  await refused('409 message_deleted', ada.post(`${path}/reactions`, { reaction_content: '👍' }))
  const page = await ok(200, ada.get(`/channels/${general}/messages`))
  assert.doesNotMatch(JSON.stringify(page), /secret word/)

  const other = await say(ada, general, 'of ada')
  await refused('403 permission_denied', bob.delete(`/messages/${other.id}`))
  await ok(204, cy.delete(`/messages/${other.id}`))
})
