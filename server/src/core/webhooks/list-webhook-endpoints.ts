import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { ENDPOINT_COLUMNS, parseEndpoint } from './queries.ts'
import { ENDPOINTS_MAX, type WebhookEndpoint } from './schema.ts'

/** All endpoints of the client's workspace, newest first: 20 at most. */
export async function listWebhookEndpoints(ctx: Context<ClientActor>): Promise<WebhookEndpoint[]> {
  const rows = await ctx.db
    .selectFrom('webhookEndpoints')
    .select(ENDPOINT_COLUMNS)
    .where('workspaceId', '=', ctx.actor.workspaceId)
    .where('deletedAt', 'is', null)
    .orderBy('id', 'desc')
    .limit(ENDPOINTS_MAX)
    .execute()
  return rows.map(parseEndpoint)
}
