import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSigner } from 'fast-jwt'
import { createAccessTokens } from './access-tokens.ts'

const KEY = randomBytes(32)
const TOKEN = {
  id: 'an id',
  userId: 'ada',
  sessionId: 'a session',
  issuedAt: '2026-03-01T12:00:00.000Z',
  expiresAt: '2026-03-01T12:15:00.000Z',
}

test('a token says what was signed, also when it has expired', () => {
  const tokens = createAccessTokens(KEY)
  const token = tokens.sign(TOKEN)
  assert.deepEqual(tokens.read(token), TOKEN)
  assert.deepEqual(tokens.read(token), TOKEN)
  const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  assert.deepEqual(JSON.parse(header!), { alg: 'HS256', typ: 'JWT' })
  assert.deepEqual(JSON.parse(payload!), {
    iss: 'parlance',
    sub: 'ada',
    sid: 'a session',
    jti: 'an id',
    iat: 1772366400,
    exp: 1772367300,
  })
})

test('what another key, another algorithm or another issuer signed says nothing', () => {
  const tokens = createAccessTokens(KEY)
  assert.equal(tokens.read(createAccessTokens(randomBytes(32)).sign(TOKEN)), undefined)
  const claims = { iss: 'parlance', sub: 'ada', sid: 's', jti: 'i', iat: 1, exp: 4_000_000_000 }
  const signed = (key: Buffer, algorithm: 'HS256' | 'HS512', changed: object) =>
    createSigner({ key, algorithm })({ ...claims, ...changed })
  assert.ok(tokens.read(signed(KEY, 'HS256', {})))
  assert.equal(tokens.read(signed(KEY, 'HS512', {})), undefined)
  assert.equal(tokens.read(signed(KEY, 'HS256', { iss: 'mallory' })), undefined)
  assert.equal(tokens.read(signed(KEY, 'HS256', { sid: undefined })), undefined)
})
