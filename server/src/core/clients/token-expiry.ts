import type { Timestamp } from '../../platform/clock.ts'
import type { Context } from '../context.ts'
import { invalidField } from '../errors.ts'

/** Null for a token that never expires. */
export function requireFutureExpiry(ctx: Context, expiresAt: Timestamp | null | undefined): Timestamp | null {
  if (!expiresAt) return null
  if (expiresAt <= ctx.now()) throw invalidField('expires_at', 'must be in the future')
  return expiresAt
}
