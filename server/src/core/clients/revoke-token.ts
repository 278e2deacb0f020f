import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { hashToken } from '../sessions/random-token.ts'
import { isUuid } from '../uuid.ts'
import { describeToken } from './audited.ts'
import { changeClient } from './change-client.ts'
import type { ClientAdministrator } from './policy.ts'
import { holdLivingClient, TOKEN_COLUMNS } from './queries.ts'
import type { ClientToken } from './schema.ts'

export type RevokeToken = {
  clientId: string
  /** The token's id, its last four characters, or the token itself, as somebody found it who should not have it. */
  token: string
}

/** Ends one token for good, on every node within a second; the client's others go on working. */
export async function revokeToken(ctx: Context<ClientAdministrator>, input: RevokeToken): Promise<ClientToken> {
  return ctx.transaction(async (ctx) => {
    const client = await holdLivingClient(ctx.db, input.clientId)
    const before = await findToken(ctx, input)
    const token = await ctx.db
      .updateTable('clientTokens')
      .set({ revokedAt: ctx.now() })
      .where('id', '=', before.id)
      .returning(TOKEN_COLUMNS)
      .executeTakeFirstOrThrow()
    await changeClient(ctx, client.id)
    await recordAudit(ctx, {
      workspaceId: token.isLive ? client.liveWorkspaceId : client.testWorkspaceId,
      action: 'client.revoke_token',
      targetType: 'client',
      targetId: client.id,
      before: describeToken(before),
      after: { revokedAt: token.revokedAt },
    })
    return token
  })
}

async function findToken(ctx: Context, { clientId, token }: RevokeToken): Promise<ClientToken> {
  const isId: boolean = isUuid(token)
  const [found, another] = await ctx.db
    .selectFrom('clientTokens')
    .select(TOKEN_COLUMNS)
    .where('clientId', '=', clientId)
    .where('revokedAt', 'is', null)
    .where(({ eb }) => {
      if (isId) return eb('id', '=', token)
      return token.startsWith('sk_') ? eb('tokenHash', '=', hashToken(token)) : eb('hint', '=', token)
    })
    .limit(2)
    .execute()
  if (found === undefined) throw new AppError('client_token_not_found', 'token')
  if (another !== undefined) throw new AppError('client_token_ambiguous', 'token')
  return found
}
