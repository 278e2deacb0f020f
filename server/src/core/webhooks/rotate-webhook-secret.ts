import { sql } from 'kysely'
import { addMs } from '../../platform/clock.ts'
import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { auditEndpoint } from './audit-endpoint.ts'
import { ENDPOINT_COLUMNS, lockEndpoint, parseEndpoint, recordClientUpdated } from './queries.ts'
import type { EndpointWithSecret } from './schema.ts'
import { createWebhookSecret, SECRET_OVERLAP_MS, secretLabel } from './webhook-secret.ts'

/** Gives an endpoint a new secret, told only here. The one before it signs too for 24 hours; any older one ends. */
export async function rotateWebhookSecret(
  ctx: Context<ClientActor>,
  { endpointId }: { endpointId: string },
): Promise<EndpointWithSecret> {
  return ctx.transaction(async (ctx) => {
    const before = await lockEndpoint(ctx, endpointId)
    const secret = createWebhookSecret()
    const at = ctx.now()
    const row = await ctx.db
      .updateTable('webhookEndpoints')
      .set({
        secret: ctx.ports.sealer.seal(secret, secretLabel(endpointId)),
        previousSecret: sql.ref('secret'),
        previousSecretEndsAt: addMs(at, SECRET_OVERLAP_MS),
        updatedAt: at,
      })
      .where('id', '=', endpointId)
      .returning(ENDPOINT_COLUMNS)
      .executeTakeFirstOrThrow()
    const endpoint = parseEndpoint(row)
    await auditEndpoint(ctx, 'rotate_secret', { before, after: endpoint })
    recordClientUpdated(ctx, before)
    return { endpoint, secret }
  })
}
