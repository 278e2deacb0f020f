import { sql } from 'kysely'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { cutPage, decodeCursor, type Page } from '../page.ts'
import { isUuid } from '../uuid.ts'
import { CLIENT_COLUMNS } from './queries.ts'
import type { Client } from './schema.ts'

/** All clients, those that were revoked too; newest first. */
export async function listClients(
  ctx: Context<SystemActor>,
  { limit, cursor }: { limit: number; cursor?: string | null },
): Promise<Page<Client>> {
  const after = cursor ? decodeCursor<[string, string]>(cursor, isKey) : undefined
  const rows = await ctx.db
    .selectFrom('clients')
    .select(CLIENT_COLUMNS)
    .$if(after !== undefined, (query) =>
      query.where(sql<boolean>`(created_at, id) < (${after?.[0]}::timestamptz, ${after?.[1]}::uuid)`),
    )
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return cutPage(rows, limit, ({ createdAt, id }) => [createdAt, id])
}

function isKey([at, id, ...rest]: unknown[]): boolean {
  return typeof at === 'string' && !Number.isNaN(Date.parse(at)) && isUuid(id) && rest.length === 0
}
