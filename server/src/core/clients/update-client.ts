import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { changeClient, setClient } from './change-client.ts'
import { parseAllowedIps, parseAllowedSubdomains, parseClientName, parseHost } from './client-fields.ts'
import type { Client } from './schema.ts'

export type UpdateClient = {
  clientId: string
  name?: string
  domain?: string
  allowedIps?: string[] | null
  allowedSubdomains?: string[] | null
}

/** Changes what a client is called and where it may call from; takes effect on all nodes at once. */
export async function updateClient(ctx: Context<SystemActor>, input: UpdateClient): Promise<Client> {
  const { clientId, ...wanted } = input
  return changeClient(ctx, { clientId, action: 'client.update', after: wanted }, (ctx, client) => {
    const domain = wanted.domain === undefined ? client.domain : parseHost(wanted.domain)
    return setClient(ctx, clientId, {
      domain,
      name: wanted.name === undefined ? client.name : parseClientName(wanted.name),
      allowedIps: wanted.allowedIps === undefined ? client.allowedIps : parseAllowedIps(wanted.allowedIps),
      allowedSubdomains:
        wanted.allowedSubdomains === undefined
          ? client.allowedSubdomains
          : parseAllowedSubdomains(wanted.allowedSubdomains, domain),
    })
  })
}
