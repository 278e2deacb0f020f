import type { TestContext } from 'node:test'
import { authenticate } from '../core/sessions/authenticate.ts'
import type { SignedIn } from '../core/sessions/schema.ts'
import { registerUser } from '../core/users/register-user.ts'
import { type TestWorld, type TestWorldOptions, testWorld } from './world.ts'

export const NOW = '2026-03-01T12:00:00.000Z'
export const DANA = { username: 'dana', email: 'dana@example.com', password: 'correct horse' }

/** A world in which dana has just made an account; its time stands still. */
export async function signedUp(t: TestContext, options?: TestWorldOptions) {
  const world = await testWorld(t, options)
  world.setNow(NOW)
  return { world, dana: await registerUser(world.anonymous(), DANA) }
}

/** Who an access token stands for, on the world's first node. */
export function whoIs(world: TestWorld, { accessToken }: Pick<SignedIn, 'accessToken'>) {
  return authenticate(world.runtime.core, { token: accessToken, address: null })
}
