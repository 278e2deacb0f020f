import type { ClientActor, SystemActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import type { WebhookEndpoint } from './schema.ts'

type Verb = 'create' | 'update' | 'delete' | 'rotate_secret' | 'disable'
type Change = { before: WebhookEndpoint | null; after: WebhookEndpoint | null }

/** Writes down what was done to an endpoint. Its secret is never known here. */
export async function auditEndpoint(
  ctx: Context<ClientActor | SystemActor>,
  verb: Verb,
  { before, after }: Change,
): Promise<void> {
  const { id, workspaceId } = (after ?? before)!
  await recordAudit(ctx, {
    workspaceId,
    action: `webhook_endpoint.${verb}`,
    targetType: 'webhook_endpoint',
    targetId: id,
    before: before && describeEndpoint(before),
    after: after && describeEndpoint(after),
  })
}

function describeEndpoint({ url, description, eventTypes, disabledReason }: WebhookEndpoint): Record<string, unknown> {
  return { url, description, eventTypes, disabledReason }
}
