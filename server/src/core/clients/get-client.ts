import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { ClientAdministrator } from './policy.ts'
import { findClient, listTokens } from './queries.ts'
import type { ClientDetails } from './schema.ts'

const TOKENS_SHOWN_MAX = 100

/** A client by its id or one of its public keys, with its newest tokens; revoked ones are found too. */
export async function getClient(ctx: Context<ClientAdministrator>, idOrPublicKey: string): Promise<ClientDetails> {
  const client = await findClient(ctx.db, idOrPublicKey)
  if (client === undefined) throw new AppError('client_not_found', 'client_id')
  return { client, tokens: await listTokens(ctx.db, client.id, TOKENS_SHOWN_MAX) }
}
