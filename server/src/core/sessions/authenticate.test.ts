import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { DANA, NOW, signedUp, whoIs } from '../../testing/signed-up.ts'
import { authenticate } from './authenticate.ts'
import { createSession } from './create-session.ts'
import { refreshSession } from './refresh-session.ts'
import { revokeSession } from './revoke-session.ts'
import type { SignedIn } from './schema.ts'

const LIFE_MS = 15 * 60 * 1_000

test('signing out ends this session at once, and twice is the same as once', async (t) => {
  const { world, dana } = await signedUp(t)
  const other = await createSession(world.anonymous(), DANA)
  await whoIs(world, dana)
  for (let i = 0; i < 2; i++) await revokeSession(world.asUser(dana.user.id, dana.sessionId))
  await assert.rejects(whoIs(world, dana), { code: 'invalid_access_token' })
  await assert.rejects(refreshSession(world.anonymous(), dana), { code: 'invalid_refresh_token' })
  await whoIs(world, other)
  assert.deepEqual(
    (await world.events()).map(({ type }) => type),
    ['session.revoked'],
  )
})

test('an access token expires after 15 minutes, and is told from a forged one', async (t) => {
  const { world, dana } = await signedUp(t)
  world.setNow(addMs(NOW, LIFE_MS - 1))
  await whoIs(world, dana)
  world.setNow(addMs(NOW, LIFE_MS))
  await assert.rejects(whoIs(world, dana), { code: 'expired_access_token' })
  for (const accessToken of forgeries(dana)) {
    await assert.rejects(whoIs(world, { accessToken }), { code: 'invalid_access_token' }, accessToken)
  }
})

test('a session that is revoked on one node is refused on the other', async (t) => {
  const { world, dana } = await signedUp(t)
  const node = await world.openNode()
  const token = { token: dana.accessToken, address: null }
  await authenticate(node.core, token)
  const refreshed = await refreshSession(world.anonymous(), dana)
  await assert.rejects(refreshSession(world.anonymous(), dana), { code: 'invalid_refresh_token' })
  await node.tail.caughtUp()
  await assert.rejects(authenticate(node.core, token), { code: 'invalid_access_token' })
  await assert.rejects(authenticate(node.core, { token: refreshed.accessToken, address: null }), {
    code: 'invalid_access_token',
  })
})

function forgeries({ accessToken }: SignedIn): string[] {
  const [header, payload, signature] = accessToken.split('.') as [string, string, string]
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const later = encode({ ...claims, exp: claims.exp + 9_000 })
  const unsigned = encode({ alg: 'none', typ: 'JWT' })
  return [
    '',
    'nonsense',
    `${header}.${payload}`,
    `${header}.${later}.${signature}`,
    `${unsigned}.${payload}.`,
    `${unsigned}.${later}.${signature}`,
    `${header}.${payload}.${[...signature].reverse().join('')}`,
    `${header}.${payload}.${signature}.${signature}`,
    'x'.repeat(100_000),
  ]
}
