import type { Timestamp } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { changeClient } from './change-client.ts'
import { endTokens, insertToken } from './new-token.ts'
import type { NewToken } from './schema.ts'

/** How long old tokens still work unless said, in milliseconds. */
export const OVERLAP_MS = 24 * 60 * 60 * 1_000

export type RotateToken = {
  clientId: string
  isLive: boolean
  /** How long the tokens before still work, in milliseconds; 0 ends them at once. */
  overlapMs?: number
  expiresAt?: Timestamp | null
}

/** Gives a client a new live or test token, and lets the ones before end. */
export async function rotateToken(ctx: Context<SystemActor>, input: RotateToken): Promise<NewToken> {
  const { clientId, isLive, overlapMs = OVERLAP_MS, expiresAt = null } = input
  return changeClient(ctx, { clientId, action: 'client.rotate', after: { isLive, overlapMs } }, async (ctx) => {
    await endTokens(ctx, { clientId, isLive, afterMs: overlapMs })
    return insertToken(ctx, { clientId, isLive, expiresAt })
  })
}
