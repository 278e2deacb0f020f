import type { SystemActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { CLIENT_COLUMNS, findClient } from './queries.ts'
import type { Client } from './schema.ts'

type Change = { clientId: string; action: string; after: Record<string, unknown> }

/**
 * Changes a client that was not revoked, or its tokens: holds its head, announces the change and writes it into the
 * audit trail.
 */
export async function changeClient<T>(
  ctx: Context<SystemActor>,
  { clientId, action, after }: Change,
  change: (ctx: Context<SystemActor>, client: Client) => Promise<T>,
): Promise<T> {
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, clientId)
    const client = await findClient(ctx.db, clientId)
    if (client === undefined) throw new AppError('client_not_found')
    if (client.revokedAt !== null) throw new AppError('client_revoked')
    const changed = await change(ctx, client)
    ctx.record({ type: 'client.updated', streamId: clientId, workspaceId: null, data: { clientId } })
    const { name, domain, allowedIps, allowedSubdomains } = client
    const before = { name, domain, allowedIps, allowedSubdomains }
    const target = { targetType: 'client', targetId: clientId, workspaceId: client.liveWorkspaceId }
    await recordAudit(ctx, { ...target, action, before, after })
    return changed
  })
}

export async function setClient(
  ctx: Context<SystemActor>,
  clientId: string,
  fields: Partial<Pick<Client, 'name' | 'domain' | 'allowedIps' | 'allowedSubdomains' | 'revokedAt'>>,
): Promise<Client> {
  return ctx.db
    .updateTable('clients')
    .set({ ...fields, updatedAt: ctx.now() })
    .where('id', '=', clientId)
    .returning(CLIENT_COLUMNS)
    .executeTakeFirstOrThrow()
}
