import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../config.ts'
import { createHttpServer } from './server.ts'

const APP = 'https://app.example'

test('pages of an allowed origin may call and read, those of others may not', async () => {
  const app = await openApp(APP)
  const allowed = await app.inject({ url: '/', headers: { origin: APP } })
  assert.equal(allowed.headers['access-control-allow-origin'], APP)
  assert.match(String(allowed.headers['access-control-expose-headers']), /X-Request-Id, Retry-After/)
  const other = await app.inject({ url: '/', headers: { origin: 'https://evil.example' } })
  assert.equal(other.headers['access-control-allow-origin'], undefined)
  for (const { headers } of [allowed, other, await app.inject({ url: '/' })]) assert.equal(headers.vary, 'Origin')
})

test('a browser that asks first is told which methods there are', async () => {
  const app = await openApp('*')
  const headers = { origin: APP, 'access-control-request-method': 'DELETE' }
  const asked = await app.inject({ method: 'OPTIONS', url: '/', headers })
  assert.equal(asked.statusCode, 204)
  assert.equal(asked.headers['access-control-allow-origin'], APP)
  assert.match(String(asked.headers['access-control-allow-methods']), /PATCH, DELETE/)
  assert.equal(asked.headers['access-control-max-age'], '600')
})

test('who does not say where they come from gets no such headers', async () => {
  const app = await openApp('*')
  const { headers } = await app.inject({ url: '/' })
  assert.deepEqual(
    Object.keys(headers).filter((name) => name.startsWith('access-control')),
    [],
  )
  assert.equal((await app.inject({ method: 'OPTIONS', url: '/' })).statusCode, 404)
})

async function openApp(allowedOrigins: string) {
  const app = await createHttpServer(loadConfig({ PARLANCE_ALLOWED_ORIGINS: allowedOrigins }, 'start'))
  app.get('/', async () => ({ ok: true }))
  return app
}
