import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { getMembership } from './policy.ts'
import type { Membership } from './schema.ts'

/** A workspace that the caller is in, with their place in it. */
export async function getWorkspace(
  ctx: Context<UserActor>,
  { workspaceId }: { workspaceId: string },
): Promise<Membership> {
  return getMembership(ctx, workspaceId)
}
