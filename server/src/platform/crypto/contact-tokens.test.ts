import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSigner } from 'fast-jwt'
import { createAccessTokens } from './access-tokens.ts'
import { createContactTokens } from './contact-tokens.ts'

const KEY = randomBytes(32)
const TOKEN = {
  id: 'an id',
  contactId: 'carol',
  workspaceId: 'a workspace',
  clientId: 'a client',
  isLive: false,
  conversationIds: ['one', 'two'],
  issuedAt: '2026-03-01T12:00:00.000Z',
  expiresAt: '2026-03-01T13:00:00.000Z',
}

test('a token says what was signed, also when it has expired, and with no list of conversations', () => {
  const tokens = createContactTokens(KEY)
  assert.deepEqual(tokens.read(tokens.sign(TOKEN)), TOKEN)
  const open = { ...TOKEN, conversationIds: null, isLive: true }
  assert.deepEqual(tokens.read(tokens.sign(open)), open)
})

test('a hundred conversations fit into a token', () => {
  const tokens = createContactTokens(KEY)
  const large = { ...TOKEN, conversationIds: Array.from({ length: 100 }, () => crypto.randomUUID()) }
  assert.deepEqual(tokens.read(tokens.sign(large)), large)
})

test('neither kind of token is taken for the other, even under one key', () => {
  const [contacts, users] = [createContactTokens(KEY), createAccessTokens(KEY)]
  const { id, issuedAt, expiresAt } = TOKEN
  const access = users.sign({ id, userId: 'ada', sessionId: 'a session', issuedAt, expiresAt })
  assert.equal(contacts.read(access), undefined)
  assert.equal(users.read(contacts.sign(TOKEN)), undefined)
})

test('what another key, another algorithm, another audience signed says nothing', () => {
  const tokens = createContactTokens(KEY)
  assert.equal(tokens.read(createContactTokens(randomBytes(32)).sign(TOKEN)), undefined)
  const whose = { sub: 'carol', wid: 'w', cid: 'c', live: true, conversations: null, jti: 'i' }
  const claims = { iss: 'parlance/contacts', aud: 'contact', ...whose, iat: 1, exp: 4_000_000_000 }
  const signed = (algorithm: 'HS256' | 'HS512', changed: object) =>
    createSigner({ key: KEY, algorithm })({ ...claims, ...changed })
  assert.ok(tokens.read(signed('HS256', {})))
  assert.equal(tokens.read(signed('HS512', {})), undefined)
  assert.equal(tokens.read(signed('HS256', { aud: 'user' })), undefined)
  assert.equal(tokens.read(signed('HS256', { cid: undefined })), undefined)
  assert.equal(tokens.read('x'.repeat(10_000)), undefined)
})
