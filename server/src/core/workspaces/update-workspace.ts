import { isUniqueViolation } from '../../platform/database/errors.ts'
import type { UserActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { parseName } from '../name.ts'
import { holdMembership, isAdministrator } from './policy.ts'
import { listMemberIds, WORKSPACE_COLUMNS } from './queries.ts'
import { type Membership, WORKSPACE_NAME, type Workspace } from './schema.ts'
import { parseDomain } from './workspace-domain.ts'

export type UpdateWorkspace = { workspaceId: string; name?: string; domain?: string }

type Names = { name: string; domain: string }

/**
 * Changes a workspace's name or domain. Announced to the workspace, and to each of its guests, who do not follow it.
 * What it is called already changes and announces nothing.
 */
export async function updateWorkspace(ctx: Context<UserActor>, input: UpdateWorkspace): Promise<Membership> {
  const changes: Partial<Names> = {
    ...(input.name !== undefined && { name: parseName(input.name, WORKSPACE_NAME) }),
    ...(input.domain !== undefined && { domain: parseDomain(input.domain) }),
  }
  try {
    return await ctx.transaction((ctx) => applyChanges(ctx, input.workspaceId, changes))
  } catch (error) {
    if (isUniqueViolation(error, 'workspaces_domain_key')) throw new AppError('domain_taken', 'domain')
    throw error
  }
}

async function applyChanges(ctx: Context<UserActor>, id: string, changes: Partial<Names>): Promise<Membership> {
  const listGuestIds = () => listMemberIds(ctx.db, id, ['guest'])
  const { workspace: before, member, otherIds: guestIds } = await holdMembership(ctx, id, listGuestIds)
  if (!isAdministrator(member.role)) throw new AppError('permission_denied')
  const wanted: Names = { name: before.name, domain: before.domain, ...changes }
  if (wanted.name === before.name && wanted.domain === before.domain) return { workspace: before, member }

  const workspace = await setNames(ctx, id, wanted)
  for (const streamId of [id, ...guestIds]) {
    ctx.record({ type: 'workspace.updated', streamId, workspaceId: id, data: { workspace } })
  }
  await recordAudit(ctx, {
    workspaceId: id,
    action: 'workspace.update',
    targetType: 'workspace',
    targetId: id,
    before: { name: before.name, domain: before.domain },
    after: wanted,
  })
  return { workspace, member }
}

async function setNames(ctx: Context<UserActor>, id: string, { name, domain }: Names): Promise<Workspace> {
  return ctx.db
    .updateTable('workspaces')
    .set({ name, domain, updatedAt: ctx.now() })
    .where('id', '=', id)
    .returning(WORKSPACE_COLUMNS)
    .executeTakeFirstOrThrow()
}
