import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { changeClient, setClient } from './change-client.ts'
import type { Client } from './schema.ts'

/** Ends a client: its keys work no more, anywhere, within a moment. Its data stay. */
export async function revokeClient(ctx: Context<SystemActor>, { clientId }: { clientId: string }): Promise<Client> {
  return changeClient(ctx, { clientId, action: 'client.revoke', after: {} }, (ctx) =>
    setClient(ctx, clientId, { revokedAt: ctx.now() }),
  )
}

/** Ends one of a client's tokens, named by its id or its last characters. */
export async function revokeToken(
  ctx: Context<SystemActor>,
  { clientId, token }: { clientId: string; token: string },
): Promise<void> {
  await changeClient(ctx, { clientId, action: 'client.revoke_token', after: { token } }, async (ctx) => {
    const living = await ctx.db
      .selectFrom('clientTokens')
      .select(['id', 'hint'])
      .where('clientId', '=', clientId)
      .where('revokedAt', 'is', null)
      .execute()
    const named = living.filter(({ id, hint }) => id === token || hint === token)
    if (named.length !== 1) throw new AppError('client_token_not_found')
    await ctx.db.updateTable('clientTokens').set({ revokedAt: ctx.now() }).where('id', '=', named[0]!.id).execute()
  })
}
