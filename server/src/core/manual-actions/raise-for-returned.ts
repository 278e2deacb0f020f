import type { Context } from '../context.ts'
import { raiseManualAction } from './raise-manual-action.ts'
import { readTroubles } from './read-troubles.ts'

export type Returned = { deliveryId: string; code: string | null; reason: string | null }

/**
 * Tells people of messages that came back after they were delivered, as emails do: their status stays, so no event of
 * theirs tells of it. The caller holds the heads of their conversations.
 */
export async function raiseForReturned(ctx: Context, returned: Returned[]): Promise<void> {
  const byId = new Map(returned.map((one) => [one.deliveryId, one]))
  for (const { status: _, isScheduled: __, ...trouble } of await readTroubles(ctx.db, [...byId.keys()])) {
    const { code, reason } = byId.get(trouble.deliveryId)!
    await raiseManualAction(ctx, { ...trouble, what: 'returned', code: code ?? 'returned', reason: reason ?? '' })
  }
}
