import type { Context } from '../context.ts'

/**
 * Ends those sessions of somebody that live yet: announced to the person, upon which tokens and sockets of them stop
 * working. The caller holds the head of the person's stream.
 */
export async function endSessions(
  ctx: Context,
  { userId, only, except }: { userId: string; only?: string; except?: string },
): Promise<void> {
  const ended = await ctx.db
    .updateTable('sessions')
    .set({ revokedAt: ctx.now() })
    .where('userId', '=', userId)
    .where('revokedAt', 'is', null)
    .$if(only !== undefined, (query) => query.where('id', '=', only!))
    .$if(except !== undefined, (query) => query.where('id', '!=', except!))
    .returning('id')
    .execute()
  for (const { id } of ended) {
    ctx.record({ type: 'session.revoked', streamId: userId, workspaceId: null, data: { sessionId: id } })
  }
}
