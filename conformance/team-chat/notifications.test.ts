import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { type Caller, makeTeam, say } from './team.ts'

const { url } = await startTestServer()

/** The messages whose mentions somebody heard of, newest first. */
const mentioned = async (person: Caller): Promise<string[]> =>
  (await readAll(person.get, '/notifications?type=mention&filter=all')).map(({ target_id }) => target_id)

test('a mention is in the message and in the notifications of the person', async () => {
  const { ada, bob, cy, workspace, general } = await makeTeam(url)
  const message = await say(
    ada,
    general,
    `@${bob.username.toUpperCase()}: look, and @${bob.username} again, @${ada.username}`,
  )
  assert.deepEqual(message.mentions, [{ type: 'user', user_id: bob.id, username: bob.username }])
  const { data, unread_count } = await ok(200, bob.get('/notifications?type=mention'))
  const { id, created_at, updated_at, ...notification } = data[0]
  assert.deepEqual([data.length, typeof id, created_at === updated_at], [1, 'string', true])
  assert.deepEqual(notification, {
    recipient_user_id: bob.id,
    actor_user_id: ada.id,
    event_type: 'mention',
    target_type: 'message',
    target_id: message.id,
    workspace_id: workspace,
    channel_id: general,
    read_at: null,
  })
  assert.ok(unread_count >= 1)
  assert.deepEqual([await mentioned(ada), await mentioned(cy)], [[], []])
})

test('no mention: email addresses, code, URLs and longer words', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const name = bob.username
  for (const body of [
    `mail to me@${name}`,
    `${name}@${name}.example`,
    `run \`@${name}\` now`,
    `run \`\`a \` @${name}\`\` now`,
    `\`\`\`\nif (@${name}) {\n}\n\`\`\``,
    `https://example.com/@${name}`,
    `see www.example.com/@${name}/x`,
    `word@${name}`,
    `@${name}s`,
    `@ ${name}`,
  ]) {
    assert.deepEqual((await say(ada, general, body)).mentions, [], body)
  }
  assert.deepEqual(await mentioned(bob), [])
  for (const body of [`(@${name})`, `hi @${name}.`, `@${name}'s`, `\`code\` @${name}`, `*@${name}*`, `@${name}\nbye`]) {
    assert.equal((await say(ada, general, body)).mentions[0]?.user_id, bob.id, body)
  }
})

test('only who can see the channel can be mentioned in it', async () => {
  const { ada, bob, cy, gus, eve, mallory, general, secret } = await makeTeam(url)
  const all = `@${bob.username} @${cy.username} @${gus.username} @${eve.username} @${mallory.username} @nobody-at-all`
  const ids = (message: { mentions: { user_id: string }[] }) => message.mentions.map(({ user_id }) => user_id).sort()
  assert.deepEqual(ids(await say(ada, secret, all)), [bob.id])
  assert.deepEqual(ids(await say(ada, general, all)), [bob.id, cy.id].sort())
  for (const person of [gus, eve, mallory]) assert.deepEqual(await mentioned(person), [])
})

test('@channel reaches everybody in the channel once, and @here who is online', async () => {
  const { ada, bob, cy, gus, general } = await makeTeam(url)
  const message = await say(ada, general, `@channel and @${bob.username}`)
  assert.deepEqual(message.mentions.map(({ type }: never) => type).sort(), ['channel', 'user'])
  assert.deepEqual(await mentioned(bob), [message.id])
  assert.deepEqual(await mentioned(cy), [message.id])
  assert.deepEqual([await mentioned(ada), await mentioned(gus)], [[], []])
  const here = await say(ada, general, '@here lunch')
  assert.deepEqual(here.mentions, [{ type: 'here' }])
  assert.deepEqual(await mentioned(bob), [message.id])
})

test('an edit notifies the newly mentioned only', async () => {
  const { ada, bob, cy, general } = await makeTeam(url)
  const message = await say(ada, general, `@${bob.username} hi`)
  const path = `/messages/${message.id}`
  const edited = await ok(200, ada.put(path, { body: `@${bob.username} @${cy.username} hello` }))
  assert.deepEqual(edited.mentions.map(({ user_id }: never) => user_id).sort(), [bob.id, cy.id].sort())
  assert.deepEqual([await mentioned(bob), await mentioned(cy)], [[message.id], [message.id]])
  await ok(200, ada.put(path, { body: 'nobody' }))
  await ok(200, ada.put(path, { body: `@${cy.username} once more` }))
  assert.deepEqual(await mentioned(cy), [message.id])
})

test('one message notifies a person once, for the strongest reason', async () => {
  const { ada, bob, general } = await makeTeam(url)
  await ok(200, bob.put('/notifications'))
  const root = await say(bob, general, 'root')
  await say(ada, general, `@${bob.username} @channel reply`, { parent_message_id: root.id })
  await ok(201, ada.post(`/dms/users/${bob.id}/messages`, { body: `@${bob.username} psst` }))
  const { data, unread_count } = await ok(200, bob.get('/notifications'))
  assert.deepEqual([unread_count, data.map(({ event_type }: never) => event_type)], [2, ['mention', 'mention']])
})

test('notifications are one’s own, newest first, unread unless asked otherwise, by type', async () => {
  const { ada, bob, general } = await makeTeam(url)
  await ok(200, bob.put('/notifications'))
  const sent: string[] = []
  for (let i = 0; i < 5; i++) sent.push((await say(ada, general, `@${bob.username} ${i}`)).id)
  await ok(201, ada.post(`/dms/users/${bob.id}/messages`, { body: 'psst' }))
  const list = async (query: string) => readAll(bob.get, `/notifications${query}`)
  const unread = await list('?type=mention&limit=2')
  assert.deepEqual(
    unread.map(({ target_id }) => target_id),
    sent.toReversed(),
  )
  assert.deepEqual(
    (await list('')).map(({ event_type }) => event_type),
    ['direct_message', ...Array(5).fill('mention')],
  )
  const one = await ok(200, bob.put(`/notifications/${unread[1].id}`))
  assert.ok(one.read_at)
  assert.deepEqual(await list('?filter=read&type=mention'), [one])
  assert.equal((await list('?type=mention')).length, 4)
  assert.equal((await list('?filter=all&type=mention')).length, 5)
  await refused('422 invalid_request filter', bob.get('/notifications?filter=some'))
  await refused('422 invalid_request type', bob.get('/notifications?type=gossip'))
  await refused('422 invalid_cursor', bob.get('/notifications?cursor=x'))
})

test('a notification is read once, by its recipient, and all at once', async () => {
  const { ada, bob, cy, eve, general } = await makeTeam(url)
  await ok(200, bob.put('/notifications'))
  await say(ada, general, `@${bob.username} one`)
  await say(ada, general, `@${bob.username} two`)
  const { data } = await ok(200, bob.get('/notifications'))
  const path = `/notifications/${data[0].id}`
  const read = await ok(200, bob.put(path))
  assert.ok(read.read_at >= read.created_at)
  assert.deepEqual(await ok(200, bob.patch(path)), read)
  for (const person of [ada, cy, eve]) await refused('404 notification_not_found', person.put(path))
  await refused('404 notification_not_found', bob.put(`/notifications/${randomUUID()}`))
  await refused('422 invalid_request notification_id', bob.put('/notifications/x'))
  assert.deepEqual(await ok(200, bob.put('/notifications')), { updated: 1 })
  assert.deepEqual(await ok(200, bob.put('/notifications')), { updated: 0 })
  const empty = await ok(200, bob.get('/notifications'))
  assert.deepEqual([empty.data, empty.unread_count], [[], 0])
})

test('a page of notifications is not shifted by those that come or are read meanwhile', async () => {
  const { ada, bob, general } = await makeTeam(url)
  await ok(200, bob.put('/notifications'))
  const sent: string[] = []
  for (let i = 0; i < 6; i++) sent.push((await say(ada, general, `@${bob.username} ${i}`)).id)
  const get = async (path: string) => {
    const answer = await bob.get(path)
    await say(ada, general, `@${bob.username} meanwhile`)
    await ok(200, bob.put(`/notifications/${answer.body.data[0].id}`))
    return answer
  }
  const rows = await readAll(get, '/notifications?limit=2')
  assert.deepEqual(
    rows.map(({ target_id }) => target_id),
    sent.toReversed(),
  )
})
