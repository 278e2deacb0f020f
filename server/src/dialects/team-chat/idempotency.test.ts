import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Type } from 'typebox'
import { createUpload } from '../../core/files/create-upload.ts'
import { requireSameSend } from '../../core/idempotency/require-same-send.ts'
import { deleteMessage } from '../../core/messages/delete-message.ts'
import { editMessage } from '../../core/messages/edit-message.ts'
import { sendMessage } from '../../core/messages/send-message.ts'
import { sendOnce } from '../../http/idempotency.ts'
import type { HttpApp } from '../../http/server.ts'
import { bearer } from '../../testing/authenticate-cast.ts'
import type { Name } from '../../testing/cast.ts'
import { testTeamChat } from '../../testing/team-chat.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'

const UPLOADS = '/attachments/generate-upload-url'
const FILE = { file_name: 'a.txt', file_type: 'text/plain', file_size: 5 }

test('the same request with the same key gets the same reply, and says so', async (t) => {
  const { world, post } = await open(t)
  const first = await post(UPLOADS, { key: 'k1', payload: FILE })
  assert.equal(first.statusCode, 201)
  assert.equal(first.headers['idempotency-replayed'], undefined)
  // The same fields in another order are the same request.
  const { file_name, file_type, file_size } = FILE
  const again = await post(UPLOADS, { key: 'k1', payload: { file_size, file_type, file_name } })
  assert.equal(again.statusCode, 201)
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal(again.headers['content-type'], first.headers['content-type'])
  assert.equal(again.body, first.body)
  assert.equal(await countFiles(world), 1)
})

test('another request with the key is refused; others and other keys are not', async (t) => {
  const { world, post } = await open(t)
  await post(UPLOADS, { key: 'k1', payload: FILE })
  const other = await post(UPLOADS, { key: 'k1', payload: { ...FILE, file_size: 6 } })
  assert.equal(`${other.statusCode} ${other.json().error.code}`, '409 idempotency_key_reused')
  const bobs = await post(UPLOADS, { key: 'k1', payload: FILE, name: 'bob' })
  assert.equal(bobs.headers['idempotency-replayed'], undefined)
  await post(UPLOADS, { key: 'k2', payload: FILE })
  await post(UPLOADS, { payload: FILE })
  assert.equal(await countFiles(world), 4)
})

test('a failure is not kept: the key can be used again', async (t) => {
  const { post } = await open(t)
  const refused = await post(UPLOADS, { key: 'k1', payload: { ...FILE, file_type: 'application/x-msdownload' } })
  assert.equal(refused.statusCode, 422)
  assert.equal((await post(UPLOADS, { key: 'k1', payload: FILE })).statusCode, 201)
})

test('a reply with a status of failure is sent, and neither it nor its work is kept', async (t) => {
  const { world, post } = await open(t)
  for (let i = 0; i < 2; i++) {
    const reply = await post('/test/reply-409', { key: 'k1' })
    assert.equal(reply.statusCode, 409)
    assert.deepEqual(reply.json(), { why: 'not now' })
    assert.equal(reply.headers['idempotency-replayed'], undefined)
  }
  assert.equal(await countFiles(world), 0)
})

test('a key has 1 to 255 visible characters', async (t) => {
  const { post } = await open(t)
  for (const key of ['', ' ', 'a b', 'ü', 'x'.repeat(256)]) {
    const reply = await post(UPLOADS, { key, payload: FILE })
    assert.equal(reply.statusCode, 422, JSON.stringify(key))
    assert.deepEqual(Object.keys(reply.json().error.fields), ['Idempotency-Key'])
  }
  assert.equal((await post(UPLOADS, { key: 'x'.repeat(255), payload: FILE })).statusCode, 201)
})

test('an empty reply is replayed as one, and strangers are refused before the key is looked at', async (t) => {
  const { app, post } = await open(t)
  assert.equal((await post('/test/empty', { key: 'k1' })).statusCode, 204)
  const again = await post('/test/empty', { key: 'k1' })
  assert.equal(`${again.statusCode} ${again.body} ${again.headers['idempotency-replayed']}`, '204  true')
  const stranger = await app.inject({ method: 'POST', url: '/test/empty', headers: { 'idempotency-key': 'k1' } })
  assert.equal(stranger.statusCode, 401)
})

test('while the first still runs, a second is told to come back', async (t) => {
  const { gate, post } = await open(t)
  const first = post('/test/slow', { key: 'k1' })
  await gate.begun.promise
  const second = await post('/test/slow', { key: 'k1' })
  assert.equal(`${second.statusCode} ${second.json().error.code}`, '409 idempotency_key_in_use')
  assert.equal(second.headers['retry-after'], '1')
  gate.mayEnd.resolve()
  assert.equal((await first).statusCode, 200)
  assert.equal((await post('/test/slow', { key: 'k1' })).headers['idempotency-replayed'], 'true')
})

test('a reply that was lost on the way is given again', async (t) => {
  const { app, world, post } = await open(t)
  await app.listen({ port: 0 })
  const { port } = app.server.address() as AddressInfo
  const headers = { ...bearer('ada'), 'idempotency-key': 'k1', 'content-type': 'application/json', 'x-lose-reply': '1' }
  const lost = request({ port, method: 'POST', path: UPLOADS, headers })
  lost.end(JSON.stringify(FILE))
  await assert.rejects(once(lost, 'response'), /socket hang up/)
  const again = await post(UPLOADS, { key: 'k1', payload: FILE })
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal(again.statusCode, 201)
  assert.equal(await countFiles(world), 1)
})

test('keys of those who have not signed in are kept by address', async (t) => {
  const { app } = await open(t)
  const post = async (remoteAddress: string) => {
    const options = {
      method: 'POST' as const,
      url: '/test/public',
      remoteAddress,
      headers: { 'idempotency-key': 'k1' },
    }
    return (await app.inject(options)).json().token
  }
  const token = await post('192.0.2.1')
  assert.equal(await post('192.0.2.1'), token)
  assert.notEqual(await post('192.0.2.2'), token)
})

test('many keyed requests at once never take all connections from each other', async (t) => {
  const { post } = await open(t)
  const replies = await Promise.all(
    Array.from({ length: 40 }, (_, i) => post('/test/second-connection', { key: `k${i}` })),
  )
  assert.deepEqual([...new Set(replies.map((reply) => reply.statusCode))], [200])
})

test('a message sent twice with one key is one message, also after it was edited and deleted', async (t) => {
  const { world, post } = await open(t)
  const payload = { conversationId: world.ids.general, body: 'hello' }
  const first = await post('/test/send', { key: 'k1', payload })
  assert.equal(first.statusCode, 201)
  const { id } = first.json()
  const repeat = async () => {
    const reply = await post('/test/send', { key: 'k1', payload })
    return [reply.statusCode, reply.json().id, reply.headers['idempotency-replayed']]
  }
  assert.deepEqual(await repeat(), [201, id, 'true'])
  await editMessage(world.as('ada'), { messageId: id, body: 'changed' })
  assert.deepEqual(await repeat(), [201, id, 'true'])
  await deleteMessage(world.as('ada'), { messageId: id })
  assert.deepEqual(await repeat(), [201, id, 'true'])
  const other = await post('/test/send', { key: 'k1', payload: { ...payload, body: 'another' } })
  assert.equal(`${other.statusCode} ${other.json().error.code}`, '409 idempotency_key_reused')
  const elsewhere = await post('/test/send', { key: 'k1', payload: { ...payload, conversationId: world.ids.secret } })
  assert.equal(elsewhere.statusCode, 409)
  const reply = await post('/test/send', { key: 'k1', payload: { ...payload, parentId: id } })
  assert.equal(reply.statusCode, 409)
})

test('twenty sends at once with one key are one message', async (t) => {
  const { world, post } = await open(t)
  const payload = { conversationId: world.ids.general, body: 'hello' }
  const replies = await Promise.all(Array.from({ length: 20 }, () => post('/test/send', { key: 'k1', payload })))
  assert.equal(new Set(replies.map((reply) => reply.json().id)).size, 1)
  assert.equal(replies.filter((reply) => reply.headers['idempotency-replayed'] === undefined).length, 1)
  assert.equal((await world.events()).length, 1)
})

test('a repeated client id without a key answers 200', async (t) => {
  const { world, post } = await open(t)
  const payload = { conversationId: world.ids.general, body: 'hello', clientId: 'c1' }
  assert.equal((await post('/test/send', { payload })).statusCode, 201)
  assert.equal((await post('/test/send', { payload })).statusCode, 200)
})

type Post = { payload?: object; key?: string; name?: Name }

async function open(t: TestContext) {
  const world = await testWorld(t)
  const gate = { begun: Promise.withResolvers<void>(), mayEnd: Promise.withResolvers<void>() }
  const app = await testTeamChat(t, world, (app) => addTestRoutes(app, gate))
  const post = (url: string, { payload, key, name = 'ada' }: Post) => {
    const headers = { ...bearer(name), ...(key !== undefined && { 'idempotency-key': key }) }
    return app.inject({ method: 'POST', url, headers, ...(payload && { payload }) })
  }
  return { world, app, gate, post }
}

type Gate = { begun: PromiseWithResolvers<void>; mayEnd: PromiseWithResolvers<void> }

function addTestRoutes(app: HttpApp, gate: Gate) {
  app.addHook('onSend', async (req, _reply, payload) => {
    if (req.headers['x-lose-reply']) req.raw.socket.destroy()
    return payload
  })
  app.post('/test/reply-409', async (req, reply) => {
    await createUpload(req.ctx, { name: 'a', contentType: 'text/plain', sizeBytes: 1 })
    return reply.code(409).send({ why: 'not now' })
  })
  app.post('/test/empty', async (_req, reply) => reply.code(204).send())
  app.post('/test/slow', async () => {
    gate.begun.resolve()
    await gate.mayEnd.promise
    return { ok: true }
  })
  app.post('/test/public', { config: { isPublic: true } }, async (req) => ({ token: req.publicCtx.newId() }))
  app.post('/test/second-connection', async (req) => {
    await req.ctx.ports.access.find(req.ctx.actor.id, req.ctx.newId())
    return { ok: true }
  })
  const body = Type.Object({
    conversationId: Type.String(),
    body: Type.String(),
    clientId: Type.Optional(Type.String()),
    parentId: Type.Optional(Type.String()),
  })
  app.post('/test/send', { config: { idempotency: 'message-log' }, schema: { body } }, async (req, reply) => {
    const sending = { ctx: req.ctx, input: req.body, send: sendMessage, requireSame: requireSameSend }
    const { message } = await sendOnce(req, reply, sending)
    return message
  })
}

async function countFiles({ runtime }: TestWorld): Promise<number> {
  return (await runtime.core.database.kysely.selectFrom('files').select('id').execute()).length
}
