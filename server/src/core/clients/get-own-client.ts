import type { ClientActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findClient } from './queries.ts'
import type { Client } from './schema.ts'

/** The client that calls, by its id; any other is not found. */
export async function getOwnClient(ctx: Context<ClientActor>, { clientId }: { clientId: string }): Promise<Client> {
  const client = clientId.toLowerCase() === ctx.actor.id ? await findClient(ctx.db, ctx.actor.id) : undefined
  if (client === undefined) throw new AppError('client_not_found', 'client_id')
  return client
}
