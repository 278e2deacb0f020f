import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openReceiver } from '../../testing/webhook-receiver.ts'
import type { OutgoingHttp, OutgoingReply } from './outgoing.ts'
import { createOutgoingHttp, type OutgoingHttpOptions } from './outgoing-http.ts'

test('a URL that can never be called is explained, and not called', (t) => {
  const http = open(t, { allowedPrivate: [] })
  const refusals: [string, RegExp][] = [
    ['nonsense', /must be a URL/],
    ['http://example.com/', /https/],
    ['ftp://example.com/', /https/],
    ['file:///etc/passwd', /https/],
    ['https://ada:secret@example.com/', /user name/],
    ['https://127.0.0.1/', /private/],
    ['https://2130706433/', /private/],
    ['https://0x7f.1/', /private/],
    ['https://127.0.0.1./', /private/],
    ['https://[::1]:8080/', /private/],
    ['https://[::ffff:10.0.0.1]/', /private/],
    ['https://169.254.169.254/latest/meta-data', /private/],
    ['https://localhost/', /private/],
    ['https://LOCALHOST./', /private/],
    ['https://db.localhost/', /private/],
  ]
  for (const [url, reason] of refusals) assert.match(http.explainRefusal(url) ?? 'taken', reason, url)
  assert.equal(http.explainRefusal('https://example.com:8443/hook?x=1'), undefined)
})

test('without TLS only listed addresses are called', async (t) => {
  const receiver = await openReceiver(t)
  const resolve = async () => ['8.8.8.8']
  const http = open(t, { allowedPrivate: ['127.0.0.0/8'], resolve })
  assert.deepEqual(await post(http, receiver.url), { status: 200, retryAfter: undefined, body: 'status 200' })
  assert.match(http.explainRefusal('http://8.8.8.8/') ?? '', /https/)
  assert.deepEqual(await post(http, 'http://public.test/'), REFUSED)
})

test('a name is called only if all of its addresses are public', async (t) => {
  const receiver = await openReceiver(t)
  const { port } = new URL(receiver.url)
  for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1'], ['169.254.169.254'], []]) {
    const http = open(t, { allowedPrivate: [], resolve: async () => addresses })
    assert.deepEqual(await post(http, `https://rebound.test:${port}/`), REFUSED, addresses.join())
  }
  assert.equal(receiver.received.length, 0)
})

test('a name that answers differently the second time is asked only once, and that answer is connected to', async (t) => {
  const receiver = await openReceiver(t)
  const answers = [['127.0.0.1'], ['10.0.0.1']]
  let asked = 0
  const resolve = async () => answers[asked++] ?? []
  const http = open(t, { allowedPrivate: ['127.0.0.0/8'], resolve })
  const url = receiver.url.replace('127.0.0.1', 'rebound.test')
  assert.equal('status' in (await post(http, url)), true)
  assert.equal(asked, 1)
  const again = open(t, { allowedPrivate: ['127.0.0.0/8'], resolve })
  assert.deepEqual(await post(again, url), REFUSED)
})

test('a redirect is an answer, and is not followed', async (t) => {
  const receiver = await openReceiver(t)
  receiver.answer((reply) => void reply.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
  const reply = await post(open(t, LOOPBACK), receiver.url)
  assert.equal('status' in reply && reply.status, 302)
  assert.equal(receiver.received.length, 1)
})

test('of a body without end the beginning is read', async (t) => {
  const receiver = await openReceiver(t)
  receiver.answer((reply) => {
    reply.writeHead(200)
    const write = () => {
      while (!reply.destroyed && reply.write('x'.repeat(65_536)));
      if (!reply.destroyed) reply.once('drain', write)
    }
    write()
  })
  const reply = await post(open(t, LOOPBACK), receiver.url)
  assert.deepEqual(reply, { status: 200, retryAfter: undefined, body: 'x'.repeat(100) })
})

test('what goes wrong is told in words, and never thrown', async (t) => {
  const http = open(t, LOOPBACK)
  const silent = await openReceiver(t)
  silent.answer(() => {})
  assert.deepEqual(await post(http, silent.url, 100), { error: 'no answer in time' })
  const dripping = await openReceiver(t)
  dripping.answer((reply) => void reply.writeHead(200).write('a'))
  assert.deepEqual(await post(http, dripping.url, 100), { status: 200, retryAfter: undefined, body: 'a' })

  const garbage = await openTcp(t, 'this is no HTTP\r\n\r\n')
  assert.deepEqual(await post(http, garbage), { error: 'the answer is not HTTP' })
  const hangingUp = await openTcp(t, '')
  assert.match(JSON.stringify(await post(http, hangingUp)), /the connection was/)
  const headers = await openTcp(t, `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)
  assert.deepEqual(await post(http, headers), { error: 'the headers of the answer are too large' })
  const closed = await openReceiver(t)
  const gone = closed.url.replace(/:\d+/, ':1')
  assert.deepEqual(await post(http, gone), { error: 'the connection was refused' })
  assert.match(JSON.stringify(await post(http, silent.url.replace('http:', 'https:'))), /TLS|connection was|failed/)
})

test('a connection is used again', async (t) => {
  const ports = new Set<number | undefined>()
  const server = createServer((req, reply) => {
    ports.add(req.socket.remotePort)
    req.resume()
    reply.end('ok')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const http = open(t, LOOPBACK)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  for (let i = 0; i < 10; i++) await post(http, url)
  // The second request may come before the first connection counts as idle.
  assert.ok(ports.size <= 2)
})

const LOOPBACK = { allowedPrivate: ['127.0.0.0/8'] }
const REFUSED: OutgoingReply = { error: 'the host name has an address that is not public' }

function open(t: TestContext, options: OutgoingHttpOptions): OutgoingHttp {
  const http = createOutgoingHttp(options)
  t.after(() => http.close())
  return http
}

function post(http: OutgoingHttp, url: string, timeoutMs = 5_000): Promise<OutgoingReply> {
  return http.post({ url, headers: {}, body: '{}', timeoutMs, responseBytesMax: 100 })
}

/** Says something to whoever comes, and hangs up. */
async function openTcp(t: TestContext, words: string): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(words))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
