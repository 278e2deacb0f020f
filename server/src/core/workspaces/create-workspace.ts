import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { createStream, lockStream } from '../log/append-events.ts'
import { parseName } from '../name.ts'
import { insertMember } from './insert-member.ts'
import { WORKSPACE_COLUMNS } from './queries.ts'
import { type Membership, WORKSPACE_NAME, type Workspace } from './schema.ts'
import { domainFromName, parseDomain, withSuffix } from './workspace-domain.ts'

export type CreateWorkspace = {
  name: string
  /** Unique on this server; made from the name where it is missing. */
  domain?: string | null
}

/** Makes a workspace whose owner is the caller. Announced to the caller. */
export async function createWorkspace(ctx: Context<UserActor>, input: CreateWorkspace): Promise<Membership> {
  const name = parseName(input.name, WORKSPACE_NAME)
  const domain = input.domain ? parseDomain(input.domain) : null
  return ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, ctx.actor.id)
    const workspace = await insertWorkspace(ctx, { name, domain })
    await createStream(ctx.db, workspace.id, 'workspace')
    const member = await insertMember(ctx, { workspace, userId: ctx.actor.id, role: 'owner' })
    return { workspace, member: member! }
  })
}

async function insertWorkspace(
  ctx: Context<UserActor>,
  { name, domain }: { name: string; domain: string | null },
): Promise<Workspace> {
  if (domain !== null) {
    const workspace = await tryInsert(ctx, { name, domain })
    if (workspace === undefined) throw new AppError('domain_taken', 'domain')
    return workspace
  }
  const stem = domainFromName(name)
  for (let i = 0; i < SUFFIX_TRIES; i++) {
    const workspace = await tryInsert(ctx, { name, domain: i === 0 ? stem : withSuffix(stem) })
    if (workspace !== undefined) return workspace
  }
  throw new AppError('domain_taken', 'domain')
}

// Of sixteen million suffixes, so many in a row are not taken.
const SUFFIX_TRIES = 10

async function tryInsert(
  ctx: Context<UserActor>,
  { name, domain }: { name: string; domain: string },
): Promise<Workspace | undefined> {
  const now = ctx.now()
  return ctx.db
    .insertInto('workspaces')
    .values({ id: ctx.newId(), name, domain, createdBy: ctx.actor.id, createdAt: now, updatedAt: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning(WORKSPACE_COLUMNS)
    .executeTakeFirst()
}
