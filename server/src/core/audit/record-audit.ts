import type { ClientActor, SystemActor, UserActor } from '../actor.ts'
import type { Context } from '../context.ts'

export type AuditEntry = {
  workspaceId: string | null
  /** Noun and verb, as in `member.remove`. */
  action: string
  targetType: string
  targetId: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/** Writes down who did what to whom, from where; commits with the change itself. The command line acts as the system. */
export async function recordAudit(
  ctx: Context<UserActor | SystemActor | ClientActor>,
  entry: AuditEntry,
): Promise<void> {
  const { before, after, ...rest } = entry
  await ctx.db
    .insertInto('auditEntries')
    .values({
      ...rest,
      id: ctx.newId(),
      actorKind: ctx.actor.kind,
      actorId: ctx.actor.id,
      before: before && JSON.stringify(before),
      after: after && JSON.stringify(after),
      address: ctx.actor.address,
      createdAt: ctx.now(),
    })
    .execute()
}
