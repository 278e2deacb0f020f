import type { ClientActor } from '../actor.ts'
import type { ClientEventType } from '../client-events/schema.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { readHead } from '../log/read-head.ts'
import { parseFields } from '../parse-fields.ts'
import { auditEndpoint } from './audit-endpoint.ts'
import { parseDescription, parseEventTypes, parseWebhookUrl } from './endpoint-fields.ts'
import { ENDPOINT_COLUMNS, parseEndpoint, recordClientUpdated } from './queries.ts'
import { ENDPOINTS_MAX, type EndpointWithSecret } from './schema.ts'
import { createWebhookSecret, secretLabel } from './webhook-secret.ts'

export type CreateWebhookEndpoint = {
  url: string
  description?: string | null | undefined
  /** Null or nothing for all. */
  eventTypes?: readonly ClientEventType[] | null | undefined
}

/**
 * Makes an endpoint: it is sent what happens from now on. The secret is told only here. Throws
 * `too_many_webhook_endpoints` beyond 20.
 */
export async function createWebhookEndpoint(
  ctx: Context<ClientActor>,
  input: CreateWebhookEndpoint,
): Promise<EndpointWithSecret> {
  const fields = parseFields({
    url: () => parseWebhookUrl(ctx, input.url),
    description: () => parseDescription(input.description),
    eventTypes: () => parseEventTypes(input.eventTypes),
  })
  const { id: clientId, workspaceId, isLive } = ctx.actor
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, clientId)
    await requireRoom(ctx)
    const id = ctx.newId()
    const secret = createWebhookSecret()
    const at = ctx.now()
    const row = await ctx.db
      .insertInto('webhookEndpoints')
      .values({
        ...fields,
        id,
        workspaceId,
        clientId,
        isLive,
        secret: ctx.ports.sealer.seal(secret, secretLabel(id)),
        fromPosition: await readHead(ctx.db),
        createdAt: at,
        updatedAt: at,
      })
      .returning(ENDPOINT_COLUMNS)
      .executeTakeFirstOrThrow()
    const endpoint = parseEndpoint(row)
    await auditEndpoint(ctx, 'create', { before: null, after: endpoint })
    recordClientUpdated(ctx, { clientId, workspaceId })
    return { endpoint, secret }
  })
}

async function requireRoom(ctx: Context<ClientActor>): Promise<void> {
  const { count } = await ctx.db
    .selectFrom('webhookEndpoints')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('workspaceId', '=', ctx.actor.workspaceId)
    .where('deletedAt', 'is', null)
    .executeTakeFirstOrThrow()
  if (count >= ENDPOINTS_MAX) throw new AppError('too_many_webhook_endpoints', 'url')
}
