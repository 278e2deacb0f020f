import { sql } from 'kysely'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import { findSender, findSenderByAddress, insertSender } from './queries.ts'
import type { Sender } from './schema.ts'

/** A number or a mailbox that the configuration names. */
export type ConfiguredSender = { transport: Transport; address: string; carrier: string }

const LOCK = 7_201_006

/**
 * Gives the numbers and mailboxes of the configuration to a workspace: that with this domain, else the oldest. What a workspace
 * has already stays with it. False where there is no such workspace yet.
 */
export async function ensureSenders(
  ctx: Context<SystemActor>,
  { senders, domain }: { senders: readonly ConfiguredSender[]; domain: string | null },
): Promise<boolean> {
  if (senders.length === 0) return true
  return ctx.transaction(async (ctx) => {
    // Of several nodes that start at once, one makes them.
    await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(ctx.db)
    const workspaceId = await findWorkspace(ctx, domain)
    for (const sender of senders) {
      const known = await findSenderByAddress(ctx.db, sender)
      if (known !== undefined) await setCarrier(ctx, known, sender.carrier)
      else if (workspaceId === undefined) return false
      else await addSender(ctx, { ...sender, workspaceId })
    }
    return true
  })
}

async function findWorkspace(ctx: Context, domain: string | null): Promise<string | undefined> {
  const workspace = await ctx.db
    .selectFrom('workspaces')
    .select('id')
    .where('deletedAt', 'is', null)
    // Those of API clients have nobody who could answer.
    .where('createdBy', 'is not', null)
    .$if(domain !== null, (query) => query.where(({ fn }) => fn('lower', ['domain']), '=', domain!.toLowerCase()))
    .orderBy('createdAt')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return workspace?.id
}

async function setCarrier(ctx: Context, { id, carrier }: Sender, configured: string): Promise<void> {
  if (carrier === configured) return
  await ctx.db.updateTable('senders').set({ carrier: configured, updatedAt: ctx.now() }).where('id', '=', id).execute()
}

async function addSender(ctx: Context, { workspaceId, ...sender }: ConfiguredSender & { workspaceId: string }) {
  const { transport } = sender
  const existing = await findSender(ctx.db, { workspaceId, transport, address: null })
  const at = ctx.now()
  const row = { ...sender, id: ctx.newId(), workspaceId, name: null, isDefault: existing === undefined }
  await insertSender(ctx.db, { ...row, createdAt: at, updatedAt: at })
}
