import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { type AnyFrame, realtimeWorld } from '../testing/realtime-world.ts'
import { isFromAllowedOrigin } from './upgrade.ts'

const isReady = (frame: AnyFrame) => frame.op === 'ready'
const PATH = '/v1/ws/connect'
const ada = { authorization: 'Bearer ada' }

test('the server says hello at once, and ready to a token, a ticket or a first frame', async (t) => {
  const { socket } = await realtimeWorld(t)
  const ways = [socket(PATH, ada), socket(`${PATH}?token=ada`), socket(`${PATH}?ticket=ticket-ada`), socket(`${PATH}/`)]
  const hello = await ways[3]!.frame((frame) => frame.op === 'hello')
  assert.deepEqual(Object.keys(hello.d), ['proto', 'node', 'beat_ms'])
  await ways[3]!.send({ id: 'first', op: 'auth', d: { token: 'ada' } })
  for (const way of ways) await way.frame(isReady)
  assert.deepEqual(
    ways[3]!.frames.map(({ op, re }) => [op, re]),
    [
      ['hello', undefined],
      ['ready', 'first'],
    ],
  )
})

test('who is not known is closed with 4401', async (t) => {
  const { socket } = await realtimeWorld(t)
  assert.equal(await socket(PATH, { authorization: 'Bearer nobody' }).ended, 4401)
  assert.equal(await socket(`${PATH}?ticket=ticket-nobody`).ended, 4401)
  const raw = socket(PATH)
  await raw.send({ id: 1, op: 'send', d: {} })
  const refused = (await raw.frame((frame) => frame.re === 1)) as unknown as { ok: boolean }
  assert.equal(refused.ok, false)
  await raw.send({ op: 'auth', d: { token: 'nobody' } })
  assert.equal(await raw.ended, 4401)
})

test('who says nothing is closed with 4401 in time', async (t) => {
  const { socket } = await realtimeWorld(t, { authTimeoutMs: 30, beatMs: 100 })
  assert.equal(await socket(PATH).ended, 4401)
})

test('a second sign-in on a connection is refused, and the first one stays', async (t) => {
  const { socket } = await realtimeWorld(t)
  const raw = socket(PATH, ada)
  await raw.frame(isReady)
  await raw.send({ id: 1, op: 'auth', d: { token: 'bob' } })
  const refused = (await raw.frame((frame) => frame.re === 1)) as unknown as { err: { code: string } }
  assert.equal(refused.err.code, 'invalid_request')
})

test('frames that nobody can understand end the connection', async (t) => {
  const { socket } = await realtimeWorld(t, { frameBytesMax: 1_000 })
  for (const [frame, code] of [
    ['{"op":', 4400],
    ['[1]', 4400],
    ['null', 4400],
    ['{"id":1}', 4400],
    ['{"op":7}', 4400],
    [`{"op":"beat","x":"${'x'.repeat(2_000)}"}`, 4413],
  ] as const) {
    const raw = socket(PATH, ada)
    await raw.frame(isReady)
    await raw.send(frame)
    assert.equal(await raw.ended, code, frame.slice(0, 20))
  }
  const binary = socket(PATH, ada)
  await binary.frame(isReady)
  binary.ws.send(Buffer.from('{"op":"beat"}'), { binary: true })
  assert.equal(await binary.ended, 4400)
})

test('a wrong request is answered, and the connection goes on', async (t) => {
  const { ids, socket } = await realtimeWorld(t)
  const raw = socket(PATH, ada)
  await raw.frame(isReady)
  const requests = [
    { op: 'dance', d: {} },
    { op: 'sub', d: { stream: 'general' } },
    { op: 'sub' },
    { op: 'page', d: { stream: ids.general, after: -1 } },
    { op: 'page', d: { stream: ids.general, after: 1.5 } },
    { op: 'send', d: { conversation: ids.general } },
    { op: 'send', d: { conversation: ids.general, body: 7 } },
    { op: 'send', d: { conversation: ids.general, body: 'x'.repeat(40_001) } },
    { op: 'send', d: { conversation: ids.general, body: 'hi', files: ['x'] } },
    { op: 'read', d: { conversation: null } },
  ]
  for (const [id, frame] of requests.entries()) {
    await raw.send({ id, ...frame })
    const { err } = (await raw.frame((one) => one.re === id)) as unknown as { err: { code: string; fields: object } }
    assert.equal(err.code, 'invalid_request', JSON.stringify(frame).slice(0, 80))
    assert.equal(Object.keys(err.fields).length > 0, true)
  }
  await raw.send({ id: 'ok', op: 'beat' })
  await raw.frame((frame) => String(frame.re) === 'ok')
})

test('too many frames end the connection with 4429', async (t) => {
  const { socket } = await realtimeWorld(t, { framesBurst: 10, framesPerSecond: 1 })
  const raw = socket(PATH, ada)
  await raw.frame(isReady)
  for (let id = 0; id < 11; id++) await raw.send({ id, op: 'beat' })
  assert.equal(await raw.ended, 4429)
})

test('too many connections of one person end with 4429, of all with 503 before the handshake', async (t) => {
  const { socket } = await realtimeWorld(t, { connectionsPerUserMax: 2, connectionsMax: 3 })
  const first = [socket(PATH, ada), socket(PATH, ada)]
  for (const raw of first) await raw.frame(isReady)
  assert.equal(await socket(PATH, ada).ended, 4429)
  await socket(PATH, { authorization: 'Bearer bob' }).frame(isReady)
  assert.equal(await socket(PATH, { authorization: 'Bearer cy' }).ended, 503)
})

test('a refused upgrade says when to come back', async (t) => {
  const { httpUrl } = await realtimeWorld(t, { connectionsMax: 0 })
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  }
  for (const [path, status] of [
    [PATH, 503],
    ['/nowhere', 404],
    ['//', 404],
    ['/%', 404],
  ] as const) {
    const answer = await new Promise<{ status?: number; retryAfter?: string }>((resolve, reject) => {
      request(`${httpUrl}${path}`, { headers })
        .on('response', (res) => {
          resolve({ status: res.statusCode, retryAfter: res.headers['retry-after'] })
          res.destroy()
        })
        .on('error', reject)
        .end()
    })
    assert.deepEqual(answer, { status, retryAfter: status === 503 ? '3' : undefined })
  }
})

test('pages of other origins open no sockets unless they are allowed', async (t) => {
  const { socket, wsUrl } = await realtimeWorld(t)
  assert.equal(await socket(`${PATH}?token=ada`, { origin: 'https://evil.example' }).ended, 403)
  assert.equal(await socket(`${PATH}?token=ada`, { origin: 'null' }).ended, 403)
  await socket(`${PATH}?token=ada`, { origin: wsUrl.replace('ws:', 'http:') }).frame(isReady)
  assert.equal(isFromAllowedOrigin({ origin: 'https://app.example' }, ['https://app.example']), true)
  assert.equal(isFromAllowedOrigin({ origin: 'https://app.example' }, ['*']), true)
})

test('a client of another protocol version is told so with 4426', async (t) => {
  const { wsUrl } = await realtimeWorld(t)
  const codes = await Promise.all(
    [['rt.v9'], ['rt.v9', 'rt.v1']].map(
      (protocols) =>
        new Promise<number | string>((resolve) => {
          const ws = new WebSocket(`${wsUrl}${PATH}`, protocols, { headers: ada })
          ws.on('close', resolve).on('error', () => {})
          ws.on('message', (data) => {
            if (!String(data).includes('"ready"')) return
            resolve(ws.protocol)
            ws.terminate()
          })
        }),
    ),
  )
  assert.deepEqual(codes, [4426, 'rt.v1'])
})

test('a client that no longer answers is closed with 4409', async (t) => {
  const { wsUrl } = await realtimeWorld(t, { beatMs: 60 })
  const { hostname, port } = new URL(wsUrl)
  // Reads, but does not speak the protocol: so it never answers a ping.
  const silent = connect(Number(port), hostname)
  silent.write(
    `GET ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer ada\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  const chunks: Buffer[] = []
  silent.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closeFrame = Buffer.from([0x88, 22, 0x11, 0x39])
  await new Promise<void>((resolve) => {
    silent.on('data', () => Buffer.concat(chunks).includes(closeFrame) && resolve())
  })
  assert.ok(Buffer.concat(chunks).includes(Buffer.from([0x89, 0])), 'it was asked before')
  silent.destroy()
})

test('a client that answers stays', async (t) => {
  const { socket } = await realtimeWorld(t, { beatMs: 40 })
  const raw = socket(PATH, ada)
  await raw.frame(isReady)
  let pings = 0
  await new Promise<void>((resolve) => {
    raw.ws.on('ping', () => ++pings === 5 && resolve())
  })
  await raw.send({ id: 1, op: 'beat' })
  await raw.frame((frame) => frame.re === 1)
})
