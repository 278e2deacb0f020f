import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendMessage } from '../core/messages/send-message.ts'
import { revokeSession } from '../core/sessions/revoke-session.ts'
import { type RealtimeWorld, realtimeWorld, untilConnections } from '../testing/realtime-world.ts'

type Frame = { op: string; t?: string; q?: number; c?: string; d: Record<string, unknown> }
type Poll = { frames: Frame[]; cursor: string }

const say = (w: RealtimeWorld, body: string) => sendMessage(w.as('ada'), { conversationId: w.ids.general, body })
const bodyOf = ({ d }: Frame) => (d.message as { body: string }).body

async function poll({ httpUrl }: RealtimeWorld, query: string, name = 'bob'): Promise<Poll> {
  const answer = await fetch(`${httpUrl}/v1/events${query}`, { headers: { authorization: `Bearer ${name}` } })
  assert.equal(answer.status, 200)
  return (await answer.json()) as Poll
}

/** Reads server-sent events one by one. */
async function openStream({ httpUrl }: RealtimeWorld, headers: Record<string, string>, query = '') {
  const abort = new AbortController()
  const answer = await fetch(`${httpUrl}/v1/events${query}`, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: abort.signal,
  })
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<{ id: string | undefined; frame: Frame } | undefined> => {
    while (!text.includes('\n\n')) {
      const { value, done } = await reader.read()
      if (done) return undefined
      text += value
    }
    const [event = '', ...rest] = text.split('\n\n')
    text = rest.join('\n\n')
    if (event.startsWith(':')) return next()
    const id = /^id: (.*)$/m.exec(event)?.[1]
    return { id, frame: JSON.parse(/^data: (.*)$/m.exec(event)![1]!) as Frame }
  }
  return { answer, next, close: () => abort.abort() }
}

test('one cursor goes from long poll to server-sent events to a socket and back', async (t) => {
  const w = await realtimeWorld(t)
  const first = await poll(w, '')
  assert.deepEqual(
    first.frames.map((frame) => frame.op),
    ['ready'],
  )
  await say(w, 'one')
  await say(w, 'two')
  const second = await poll(w, `?cursor=${first.cursor}`)
  assert.deepEqual(
    second.frames.map((frame) => frame.op),
    ['ready', 'ev', 'ev'],
  )
  assert.equal(second.cursor, second.frames[2]!.c)
  assert.deepEqual(second.frames[0]!.d.streams, [], 'who goes on knows them')

  await say(w, 'three')
  const stream = await openStream(w, { authorization: 'Bearer bob', 'last-event-id': second.cursor })
  assert.equal(stream.answer.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const ready = (await stream.next())!
  assert.deepEqual([ready.frame.op, ready.frame.d.resumed, ready.id], ['ready', true, second.cursor])
  const three = (await stream.next())!
  assert.equal(bodyOf(three.frame), 'three')
  assert.equal(three.id, three.frame.c)
  await say(w, 'four')
  const four = (await stream.next())!
  stream.close()

  await say(w, 'five')
  const raw = w.socket(`/v1/ws/connect?token=bob&cursor=${four.id}`)
  const five = await raw.event('message.created')
  assert.equal(bodyOf(five as unknown as Frame), 'five')
  assert.equal(raw.frames.filter((frame) => frame.op === 'ev').length, 1)
  const last = await poll(w, `?cursor=${five.c}&wait_s=0`)
  assert.deepEqual(
    last.frames.map((frame) => frame.op),
    ['ready'],
  )
})

test('a long poll waits for news and answers with the first', async (t) => {
  const w = await realtimeWorld(t)
  const { cursor } = await poll(w, '')
  const waiting = poll(w, `?cursor=${cursor}&wait_s=20`)
  await untilConnections(w.gateway, 1)
  await say(w, 'news')
  const { frames } = await waiting
  assert.equal(bodyOf(frames[1]!), 'news')
  const nothing = await poll(w, `?cursor=${cursor}&wait_s=0.05`, 'gus')
  assert.deepEqual(
    nothing.frames.map((frame) => frame.op),
    ['ready'],
  )
  assert.equal((await poll(w, `?cursor=${nothing.cursor}&wait_s=0`, 'gus')).frames[0]!.d.resumed, true)
})

test('a client that polls alone misses nothing and gets nothing twice', async (t) => {
  const w = await realtimeWorld(t)
  let { cursor } = await poll(w, '')
  const sending = (async () => {
    for (let i = 0; i < 100; i++) await say(w, `${i}`)
  })()
  const heard: string[] = []
  while (heard.length < 100) {
    const answer = await poll(w, `?cursor=${cursor}`)
    cursor = answer.cursor
    heard.push(...answer.frames.filter((frame) => frame.op === 'ev').map(bodyOf))
  }
  await sending
  assert.deepEqual(
    heard,
    Array.from({ length: 100 }, (_, i) => `${i}`),
  )
})

test('a poll with a cursor of another log begins anew, with all that is unread', async (t) => {
  const w = await realtimeWorld(t)
  await say(w, 'one')
  const { frames } = await poll(w, '?cursor=nonsense')
  assert.equal(frames[0]!.d.resumed, false)
  assert.deepEqual(frames[0]!.d.gap, [w.ids.general])
  const general = (frames[0]!.d.streams as { id: string; unread: number }[]).find(({ id }) => id === w.ids.general)
  assert.equal(general?.unread, 1)
})

test('strangers get 401, nonsense 422, a full server 503', async (t) => {
  const w = await realtimeWorld(t)
  for (const accept of ['application/json', 'text/event-stream']) {
    const answer = await fetch(`${w.httpUrl}/v1/events`, { headers: { accept, authorization: 'Bearer nobody' } })
    assert.equal(answer.status, 401)
    assert.equal(((await answer.json()) as { error: { code: string } }).error.code, 'unauthenticated')
  }
  assert.equal((await fetch(`${w.httpUrl}/v1/events?token=bob&wait_s=soon`)).status, 422)
  const full = await w.startNode({ connectionsMax: 0 })
  const refused = await fetch(`${full.httpUrl}/v1/events?token=bob`)
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '3'])
})

test('a stream of events ends with the session, and says why', async (t) => {
  const w = await realtimeWorld(t)
  const stream = await openStream(w, { authorization: 'Bearer bob' })
  await stream.next()
  await revokeSession(w.as('bob'))
  const frames: Frame[] = []
  for (let event = await stream.next(); event !== undefined; event = await stream.next()) frames.push(event.frame)
  assert.deepEqual(
    frames.map((frame) => frame.t ?? frame.d.code),
    ['session.revoked', 4401],
  )
})

test('a poll that waits while the server drains is answered with where it was', async (t) => {
  const w = await realtimeWorld(t, { presenceGraceMs: 0 })
  await say(w, 'one')
  const { cursor } = await poll(w, '')
  while (w.gateway.presence.isOnline(w.ids.bob)) await new Promise(setImmediate)
  const waiting = poll(w, `?cursor=${cursor}&wait_s=20`)
  while (!w.gateway.presence.isOnline(w.ids.bob)) await new Promise(setImmediate)
  await w.gateway.drain()
  assert.equal((await waiting).cursor, cursor)
})

test('what was missed can be paged over HTTP, by who can see it', async (t) => {
  const w = await realtimeWorld(t)
  for (let i = 1; i <= 5; i++) await say(w, `say ${i}`)
  const page = async (query: string, name = 'bob') => {
    const answer = await fetch(`${w.httpUrl}/v1/events/page?${query}`, { headers: { authorization: `Bearer ${name}` } })
    return {
      status: answer.status,
      body: (await answer.json()) as { d: { events: Frame[]; head: number; more: boolean } },
    }
  }
  const { body } = await page(`stream=${w.ids.general}&after=1&limit=3`)
  assert.deepEqual(body.d.events.map(bodyOf), ['say 2', 'say 3', 'say 4'])
  assert.deepEqual([body.d.head, body.d.more], [5, true])
  assert.equal((await page(`stream=${w.ids.bob}`)).status, 200)
  assert.equal((await page(`stream=${w.ids.workspace}`)).status, 200)
  assert.equal((await page(`stream=${w.ids.ada}`)).status, 404)
  assert.equal((await page(`stream=${w.ids.workspace}`, 'gus')).status, 404)
  assert.equal((await page(`stream=${w.ids.general}`, 'eve')).status, 404)
  assert.equal((await page(`stream=${w.ids.general}&limit=0`)).status, 422)
  assert.equal((await page('stream=general')).status, 422)
  assert.equal((await page(`stream=${w.ids.general}`, 'nobody')).status, 401)
})
