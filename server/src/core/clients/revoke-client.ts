import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { disableEndpointsOfClient } from '../webhooks/disable-endpoints-of-client.ts'
import { changeClient } from './change-client.ts'
import type { ClientAdministrator } from './policy.ts'
import { holdLivingClient } from './queries.ts'
import type { Client } from './schema.ts'

/** Ends all that a client's keys open and its webhooks, for good, on every node within a second. Its data stay. */
export async function revokeClient(ctx: Context<ClientAdministrator>, clientId: string): Promise<Client> {
  return ctx.transaction(async (ctx) => {
    await holdLivingClient(ctx.db, clientId)
    const now = ctx.now()
    await ctx.db
      .updateTable('clientTokens')
      .set({ revokedAt: now })
      .where('clientId', '=', clientId)
      .where('revokedAt', 'is', null)
      .execute()
    await disableEndpointsOfClient(ctx, clientId)
    const client = await changeClient(ctx, clientId, { revokedAt: now })
    await recordAudit(ctx, {
      workspaceId: client.liveWorkspaceId,
      action: 'client.revoke',
      targetType: 'client',
      targetId: clientId,
      before: { revokedAt: null },
      after: { revokedAt: now },
    })
    return client
  })
}
