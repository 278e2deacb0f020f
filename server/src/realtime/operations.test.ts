import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendMessage } from '../core/messages/send-message.ts'
import { realtimeWorld } from '../testing/realtime-world.ts'

type AnswerOf = { ok: boolean; d: Record<string, never>; err?: { code: string } }

test('a send is answered with its message, and a repeat with the same one', async (t) => {
  const { ids, client } = await realtimeWorld(t)
  const ada = client('ada')
  await ada.connect()
  const send = { conversation: ids.general, body: 'hi @bob', client_id: 'one' }
  const first = await ada.request('send', send)
  const again = await ada.request('send', send)
  assert.equal(first.d.repeat, false)
  assert.equal(again.d.repeat, true)
  assert.deepEqual(again.d.message, first.d.message)
  await ada.until(() => ada.last.get(ids.general) === 1)
  const message = first.d.message as { body: string; mentions: object[]; author_id: string; client_id: string }
  assert.deepEqual(message.mentions, [{ kind: 'user', user_id: ids.bob, username: 'bob' }])
  assert.equal(message.author_id, ids.ada)
})

test('requests of one connection are carried out in their order', async (t) => {
  const { ids, client } = await realtimeWorld(t)
  const ada = client('ada')
  await ada.connect()
  const bodies = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? `${i}` : `${i} @bob`))
  await Promise.all(bodies.map((body) => ada.request('send', { conversation: ids.general, body })))
  await ada.untilCaughtUp([[ids.general, 40]])
  assert.deepEqual(
    ada.state.messagesOf(ids.general).map((message) => message.body),
    bodies,
  )
})

test('reading is answered with what is left unread, and told to the other devices', async (t) => {
  const { as, ids, client } = await realtimeWorld(t)
  for (const body of ['one', 'two', 'three']) await sendMessage(as('ada'), { conversationId: ids.general, body })
  const [phone, desk] = [client('bob'), client('bob')]
  await Promise.all([phone.connect(), desk.connect()])
  const some = await phone.request('read', { conversation: ids.general, ordinal: 2 })
  assert.deepEqual(some.d, { read: 2, unread: 1 })
  const all = await phone.request('read', { conversation: ids.general })
  assert.deepEqual(all.d, { read: 3, unread: 0 })
  await desk.until(() => desk.last.get(ids.bob) === 2)
})

test('typing is told to the others of the conversation, and is not logged', async (t) => {
  const w = await realtimeWorld(t)
  const [ada, bob, eve] = (['ada', 'bob', 'eve'] as const).map((name) =>
    w.socket('/v1/ws/connect', { authorization: `Bearer ${name}` }),
  )
  for (const raw of [ada!, bob!, eve!]) await raw.frame((frame) => frame.op === 'ready')
  await ada!.send({ id: 1, op: 'typing', d: { conversation: w.ids.general } })
  const typing = await bob!.frame((frame) => frame.t === 'typing')
  assert.deepEqual(typing, { op: 'eph', t: 'typing', s: w.ids.general, d: { user: w.ids.ada, ttl_ms: 6_000 } })
  await eve!.send({ id: 1, op: 'typing', d: { conversation: w.ids.general } })
  assert.equal(((await eve!.frame((frame) => frame.re === 1)) as unknown as AnswerOf).ok, false)
  await ada!.send({ id: 2, op: 'beat' })
  await ada!.frame((frame) => frame.re === 2)
  assert.ok(!ada!.frames.some((frame) => frame.t === 'typing'), 'not to oneself')
  assert.deepEqual(await w.events(), [])
})

test('typing is told once a second at most', async (t) => {
  const { ids, socket } = await realtimeWorld(t)
  const [ada, bob] = [socket('/v1/ws/connect?token=ada'), socket('/v1/ws/connect?token=bob')]
  for (const raw of [ada, bob]) await raw.frame((frame) => frame.op === 'ready')
  for (let id = 1; id <= 5; id++) await ada.send({ id, op: 'typing', d: { conversation: ids.general } })
  await ada.frame((frame) => frame.re === 5)
  await bob.send({ id: 1, op: 'beat' })
  await bob.frame((frame) => frame.re === 1)
  assert.equal(bob.frames.filter((frame) => frame.t === 'typing').length, 1)
})

test('pages begin after a seq, and say what more there is', async (t) => {
  const { as, ids, client } = await realtimeWorld(t)
  for (let i = 1; i <= 5; i++) await sendMessage(as('ada'), { conversationId: ids.general, body: `${i}` })
  const bob = client('bob')
  await bob.connect()
  const page = async (d: object) => {
    const { d: answer } = await bob.request('page', { stream: ids.general, ...d })
    const events = answer.events as { q: number; t: string; s: string; at: string }[]
    return { seqs: events.map(({ q }) => q), head: answer.head, more: answer.more }
  }
  assert.deepEqual(await page({ after: 0, limit: 2 }), { seqs: [1, 2], head: 5, more: true })
  assert.deepEqual(await page({ after: 2 }), { seqs: [3, 4, 5], head: 5, more: false })
  assert.deepEqual(await page({ after: 5 }), { seqs: [], head: 5, more: false })
  assert.equal((await bob.request('page', { stream: ids.general, after: 6 })).d.gap, true, 'ahead of this log')
})

test('a subscription with a seq brings what came after it, then goes on', async (t) => {
  const w = await realtimeWorld(t)
  const say = (body: string) => sendMessage(w.as('ada'), { conversationId: w.ids.general, body })
  for (let i = 1; i <= 5; i++) await say(`${i}`)
  const cy = w.socket('/v1/ws/connect', { authorization: 'Bearer cy' })
  await cy.frame((frame) => frame.op === 'ready')
  let isDone = false
  const talking = (async () => {
    while (!isDone) await say('on and on')
  })()
  await cy.send({ id: 1, op: 'sub', d: { stream: w.ids.general, after: 2 } })
  const answer = await cy.frame((frame) => frame.re === 1)
  const head = Number(answer.d.head)
  await cy.frame((frame) => frame.q === head + 30)
  isDone = true
  await talking
  const seqs = cy.frames.filter((frame) => frame.op === 'ev').map((frame) => frame.q)
  assert.deepEqual(
    seqs,
    seqs.map((_, i) => 3 + i),
    'without a hole, each once',
  )
  const ofLog = cy.frames.filter((frame) => frame.op === 'ev' && frame.q! > head)
  assert.ok(ofLog.every((frame) => frame.c !== undefined))

  await cy.send({ id: 2, op: 'unsub', d: { stream: w.ids.general } })
  await cy.frame((frame) => frame.re === 2)
  const count = cy.frames.length
  await say('unheard')
  await w.tail.caughtUp()
  await cy.send({ id: 3, op: 'beat' })
  await cy.frame((frame) => frame.re === 3)
  assert.equal(cy.frames.length, count + 1)
})

test('subscriptions are counted, and one too many is refused', async (t) => {
  const { ids, client } = await realtimeWorld(t, { subscriptionsMax: 0 })
  const cy = client('cy')
  await cy.connect()
  assert.equal((await cy.request('sub', { stream: ids.general })).err?.code, 'too_many_subscriptions')
  const bob = client('bob')
  await bob.connect()
  assert.equal((await bob.request('sub', { stream: ids.general })).ok, true, 'a member follows it anyway')
})

test('a beat is answered with a cursor that is as new as the log', async (t) => {
  const { as, ids, client, tail } = await realtimeWorld(t)
  const gus = client('gus')
  await gus.connect()
  for (let i = 0; i < 5; i++) await sendMessage(as('ada'), { conversationId: ids.general, body: 'not for gus' })
  await tail.caughtUp()
  const { d } = await gus.request('beat')
  const bob = client('bob')
  assert.equal(d.cursor, (await bob.connect()).cursor)
})
