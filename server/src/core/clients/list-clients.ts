import type { Context } from '../context.ts'
import { readIdCursor } from '../id-cursor.ts'
import { cutPage, type Page } from '../page.ts'
import type { ClientAdministrator } from './policy.ts'
import { CLIENT_COLUMNS } from './queries.ts'
import type { Client } from './schema.ts'

export type ListClients = { limit: number; cursor?: string | null }

/** All clients, revoked ones too, in the order in which they were made. */
export async function listClients(ctx: Context<ClientAdministrator>, input: ListClients): Promise<Page<Client>> {
  const after = readIdCursor(input.cursor)
  const clients = await ctx.db
    .selectFrom('clients')
    .select(CLIENT_COLUMNS)
    .$if(after !== undefined, (query) => query.where('id', '>', after!))
    .orderBy('id')
    .limit(input.limit + 1)
    .execute()
  return cutPage(clients, input.limit, ({ id }) => [id])
}
