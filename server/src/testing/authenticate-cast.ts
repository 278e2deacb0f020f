import { authenticate } from '../core/sessions/authenticate.ts'
import type { Authenticate } from '../http/request-context.ts'
import { NAMES, type Name } from './cast.ts'
import type { TestWorld } from './world.ts'

/** The name of somebody of the cast is an access token of theirs. */
export function authenticateCast(world: TestWorld): Authenticate {
  return async (token, address) => {
    const name = NAMES.find((one) => one === token)
    if (name === undefined) return authenticate(world.runtime.core, { token, address })
    return { kind: 'user', id: world.ids[name], sessionId: world.ids[name], address }
  }
}

export function bearer(name: Name) {
  return { authorization: `Bearer ${name}` }
}
