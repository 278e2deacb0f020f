import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import {
  createVendorHttp,
  isFailure,
  readRetryAfterMs,
  type VendorHttp,
  type VendorHttpOptions,
  type VendorRequest,
} from './vendor-http.ts'

test('a request goes under the base URL, and its answer comes back whole', async (t) => {
  const seen: unknown[] = []
  const baseUrl = await serve(t, async (req, reply) => {
    seen.push([req.method!, req.url!, await text(req), req.headers['x-of']])
    reply.writeHead(201, { 'x-message-id': 'm1' }).end('{"is":"made"}')
  })
  const http = open(t, { baseUrl: `${baseUrl}/v3/` })
  const answer = await post(http, { path: '/mail/send?a=1', body: 'hello', headers: { 'x-of': 'ada' } })
  assert.ok(!isFailure(answer))
  assert.deepEqual([answer.status, answer.body, answer.isWhole], [201, '{"is":"made"}', true])
  assert.equal(answer.headers['x-message-id'], 'm1')
  assert.deepEqual(seen, [['POST', '/v3/mail/send?a=1', 'hello', 'ada']])
})

test('a base URL that is none is refused', () => {
  for (const baseUrl of ['', 'api.example.com', 'ftp://example.com']) {
    assert.throws(() => createVendorHttp({ baseUrl }), /must be a URL/)
  }
})

test('a connection is kept for the next request', async (t) => {
  const ports = new Set<number | undefined>()
  const baseUrl = await serve(t, (req, reply) => {
    ports.add(req.socket.remotePort)
    req.resume()
    reply.end('ok')
  })
  const http = open(t, { baseUrl })
  for (let i = 0; i < 10; i++) await post(http)
  // The second request may come before the first connection counts as idle.
  assert.ok(ports.size <= 2)
})

test('a redirect is an answer, and is not followed', async (t) => {
  let count = 0
  const baseUrl = await serve(t, (_req, reply) => {
    count++
    reply.writeHead(307, { location: '/elsewhere' }).end()
  })
  const answer = await post(open(t, { baseUrl }))
  assert.equal(!isFailure(answer) && answer.status, 307)
  assert.equal(count, 1)
})

test('nothing was written where no connection was made', async (t) => {
  const closed = createTcpServer()
  closed.listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const port = (closed.address() as AddressInfo).port
  closed.close()
  await once(closed, 'close')
  const refused = { wasWritten: false, failure: 'the connection was refused' }
  assert.deepEqual(await post(open(t, { baseUrl: `http://127.0.0.1:${port}` })), refused)

  const nameless = await post(open(t, { baseUrl: 'http://nobody.invalid' }))
  assert.ok(isFailure(nameless) && !nameless.wasWritten)
  assert.match(nameless.failure, /host name/)
})

test('nothing was written where TLS failed', async (t) => {
  const { baseUrl } = await serveTcp(t, (socket) => socket.once('data', () => socket.end('no TLS here')))
  const reply = await post(open(t, { baseUrl: baseUrl.replace('http:', 'https:') }))
  assert.ok(isFailure(reply) && !reply.wasWritten)
  assert.match(reply.failure, /TLS failed/)
})

test('nothing was written where the time was over before there was a connection', async (t) => {
  // It accepts, and never says a word of TLS.
  const { baseUrl } = await serveTcp(t, () => {})
  const reply = await post(open(t, { baseUrl: baseUrl.replace('http:', 'https:'), timeoutMs: 50 }))
  assert.deepEqual(reply, { wasWritten: false, failure: 'no answer in time' })
})

test('a request that gets no answer counts as written, however that came about', async (t) => {
  const silent = await serveTcp(t, () => {})
  const late = await post(open(t, { baseUrl: silent.baseUrl, timeoutMs: 1_000 }))
  assert.deepEqual(late, { wasWritten: true, failure: 'no answer in time' })

  const resetting = await serveTcp(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
  const reset = await post(open(t, { baseUrl: resetting.baseUrl }))
  assert.ok(isFailure(reset) && reset.wasWritten)

  const hangingUp = await serveTcp(t, (socket) => socket.once('data', () => socket.end()))
  const ended = await post(open(t, { baseUrl: hangingUp.baseUrl }))
  assert.ok(isFailure(ended) && ended.wasWritten)

  const babbling = await serveTcp(t, (socket) => socket.once('data', () => socket.end('this is no HTTP\r\n\r\n')))
  const babble = await post(open(t, { baseUrl: babbling.baseUrl }))
  assert.deepEqual(babble, { wasWritten: true, failure: 'the answer is not HTTP' })
})

test('a request that is broken off says whether it was written before', async (t) => {
  const { baseUrl, sockets } = await serveTcp(t, () => {})
  const http = open(t, { baseUrl })
  const before = await post(http, { signal: AbortSignal.abort() })
  assert.deepEqual(before, { wasWritten: false, failure: 'the request was broken off' })

  const controller = new AbortController()
  const pending = post(http, { signal: controller.signal })
  await (await sockets.next()).written
  controller.abort()
  assert.deepEqual(await pending, { wasWritten: true, failure: 'the request was broken off' })
})

test('an answer that is too long or breaks off is given as far as it came, and is said not to be whole', async (t) => {
  const long = await serve(t, (_req, reply) => void reply.end('x'.repeat(1_000)))
  const cut = await post(open(t, { baseUrl: long, answerBytesMax: 100 }))
  assert.ok(!isFailure(cut))
  assert.deepEqual([cut.status, cut.body, cut.isWhole], [200, 'x'.repeat(100), false])

  const breaking = await serveTcp(t, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{"sid"'))
  })
  const broken = await post(open(t, { baseUrl: breaking.baseUrl }))
  assert.ok(!isFailure(broken))
  assert.deepEqual([broken.status, broken.body, broken.isWhole], [201, '{"sid"', false])

  const dripping = await serve(t, (_req, reply) => void reply.writeHead(200).write('a'))
  const dripped = await post(open(t, { baseUrl: dripping, timeoutMs: 1_000 }))
  assert.ok(!isFailure(dripped))
  assert.deepEqual([dripped.body, dripped.isWhole], ['a', false])
})

test('a file is streamed, and its stream fails where it breaks off', async (t) => {
  const baseUrl = await serve(t, (req, reply) => {
    if (req.url === '/whole') return void reply.end('all of it')
    reply.writeHead(200, { 'content-length': '100' }).write('some', () => reply.destroy())
  })
  const http = open(t, { baseUrl })
  const get = (path: string) =>
    http.open({ url: new URL(path, baseUrl), timeoutMs: 5_000, signal: new AbortController().signal })
  const whole = await get('/whole')
  assert.ok(!isFailure(whole))
  assert.equal(await text(whole.body), 'all of it')
  const broken = await get('/broken')
  assert.ok(!isFailure(broken))
  await assert.rejects(text(broken.body))
})

test('Retry-After is read as seconds or as a date, within a day', () => {
  const now = Date.parse('2026-03-01T12:00:00Z')
  const read = (value?: string) => readRetryAfterMs({ 'retry-after': value }, now)
  assert.equal(read('7'), 7_000)
  assert.equal(read('0'), 0)
  assert.equal(read('Sun, 01 Mar 2026 12:05:00 GMT'), 300_000)
  assert.equal(read('Sun, 01 Mar 2026 11:00:00 GMT'), 0)
  assert.equal(read('9999999'), 86_400_000)
  assert.equal(read('soon'), null)
  assert.equal(read(undefined), null)
})

function open(t: TestContext, options: VendorHttpOptions): VendorHttp {
  const http = createVendorHttp(options)
  t.after(() => http.close())
  return http
}

function post(http: VendorHttp, request: Partial<VendorRequest> = {}) {
  const signal = new AbortController().signal
  return http.send({ method: 'POST', path: '/', body: '{}', signal, ...request })
}

async function serve(t: TestContext, listener: RequestListener<typeof IncomingMessage>): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Caller = { written: Promise<unknown> }

/** A server of bytes. `sockets` gives who has called, in order. */
async function serveTcp(t: TestContext, handle: (socket: Socket) => void) {
  const open = new Set<Socket>()
  const callers: Caller[] = []
  const server = createTcpServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    callers.push({ written: once(socket, 'data') })
    handle(socket)
    server.emit('called')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const next = async (): Promise<Caller> => {
    if (callers.length === 0) await once(server, 'called')
    return callers.shift()!
  }
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets: { next } }
}
