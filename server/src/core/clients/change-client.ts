import type { Timestamp } from '../../platform/clock.ts'
import type { Context } from '../context.ts'
import type { ClientFields } from './client-fields.ts'
import { CLIENT_COLUMNS } from './queries.ts'
import type { Client } from './schema.ts'

type Changes = Partial<ClientFields> & { revokedAt?: Timestamp }

/** Writes that a client, or one of its tokens, changed, and announces it: every node reads it anew. */
export async function changeClient(ctx: Context, clientId: string, changes: Changes = {}): Promise<Client> {
  ctx.record({ type: 'client.updated', streamId: clientId, workspaceId: null, data: { clientId } })
  return ctx.db
    .updateTable('clients')
    .set({ ...changes, updatedAt: ctx.now() })
    .where('id', '=', clientId)
    .returning(CLIENT_COLUMNS)
    .executeTakeFirstOrThrow()
}
