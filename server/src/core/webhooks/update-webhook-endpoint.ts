import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { readHead } from '../log/read-head.ts'
import { parseFields } from '../parse-fields.ts'
import { auditEndpoint } from './audit-endpoint.ts'
import { cancelDeliveries } from './cancel-deliveries.ts'
import type { CreateWebhookEndpoint } from './create-webhook-endpoint.ts'
import { parseDescription, parseEventTypes, parseWebhookUrl } from './endpoint-fields.ts'
import { ENDPOINT_COLUMNS, lockEndpoint, parseEndpoint, recordClientUpdated } from './queries.ts'
import type { WebhookEndpoint } from './schema.ts'

/** What is left out stays as it is. */
export type UpdateWebhookEndpoint = Partial<CreateWebhookEndpoint> & {
  endpointId: string
  isEnabled?: boolean | undefined
}

/**
 * Changes an endpoint; attempts that are yet to be made go to the new URL. Disabling cancels what is pending; enabling
 * begins with what happens from now on.
 */
export async function updateWebhookEndpoint(
  ctx: Context<ClientActor>,
  { endpointId, isEnabled, ...input }: UpdateWebhookEndpoint,
): Promise<WebhookEndpoint> {
  const { url, description, eventTypes } = input
  const changes = parseFields({
    ...(url !== undefined && { url: () => parseWebhookUrl(ctx, url) }),
    ...(description !== undefined && { description: () => parseDescription(description) }),
    ...(eventTypes !== undefined && { eventTypes: () => parseEventTypes(eventTypes) }),
  })
  return ctx.transaction(async (ctx) => {
    const before = await lockEndpoint(ctx, endpointId)
    const wasEnabled = before.disabledAt === null
    const row = await ctx.db
      .updateTable('webhookEndpoints')
      .set({
        ...changes,
        ...(isEnabled === true && !wasEnabled && (await enabledNow(ctx))),
        ...(isEnabled === false && wasEnabled && { disabledAt: ctx.now(), disabledReason: 'requested' }),
        updatedAt: ctx.now(),
      })
      .where('id', '=', endpointId)
      .returning(ENDPOINT_COLUMNS)
      .executeTakeFirstOrThrow()
    if (isEnabled === false && wasEnabled) await cancelDeliveries(ctx, endpointId)
    const after = parseEndpoint(row)
    await auditEndpoint(ctx, 'update', { before, after })
    recordClientUpdated(ctx, before)
    return after
  })
}

async function enabledNow(ctx: Context) {
  return {
    disabledAt: null,
    disabledReason: null,
    failingSince: null,
    fromPosition: await readHead(ctx.db),
  }
}
