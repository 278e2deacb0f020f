import { isDeepStrictEqual } from 'node:util'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { describeClient } from './audited.ts'
import { changeClient } from './change-client.ts'
import { type ClientInput, parseClientFields } from './client-fields.ts'
import type { ClientAdministrator } from './policy.ts'
import { holdLivingClient } from './queries.ts'
import type { Client } from './schema.ts'

export type UpdateClient = { clientId: string } & Partial<ClientInput>

/**
 * Changes a client's name, domain or what narrows its calls; null or an empty list narrows nothing. Every node knows
 * within a moment. What it is already changes and announces nothing.
 */
export async function updateClient(ctx: Context<ClientAdministrator>, input: UpdateClient): Promise<Client> {
  const { clientId, ...changes } = input
  return ctx.transaction(async (ctx) => {
    const before = await holdLivingClient(ctx.db, clientId)
    const { name, domain, allowedIps, allowedSubdomains } = before
    // All of it together: names of subdomains must be under the domain, also under a new one.
    const fields = parseClientFields({ name, domain, allowedIps, allowedSubdomains, ...changes })
    if (isDeepStrictEqual(fields, { name, domain, allowedIps, allowedSubdomains })) return before

    const client = await changeClient(ctx, clientId, fields)
    await recordAudit(ctx, {
      workspaceId: client.liveWorkspaceId,
      action: 'client.update',
      targetType: 'client',
      targetId: clientId,
      before: describeClient(before),
      after: describeClient(client),
    })
    return client
  })
}
