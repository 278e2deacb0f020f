import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { isUuid } from '../uuid.ts'
import { findClient, findClientByKey, listTokens } from './queries.ts'
import type { Client, ClientToken } from './schema.ts'

/** A client by its id or one of its public keys, with its tokens, newest first. */
export async function getClient(
  ctx: Context<SystemActor>,
  { idOrKey }: { idOrKey: string },
): Promise<{ client: Client; tokens: ClientToken[] }> {
  const client = isUuid(idOrKey) ? await findClient(ctx.db, idOrKey) : await findClientByKey(ctx.db, idOrKey)
  if (client === undefined) throw new AppError('client_not_found')
  return { client, tokens: await listTokens(ctx.db, client.id) }
}
