import type { Context } from '../context.ts'
import { createStream } from '../log/append-events.ts'
import { domainFromName } from '../workspaces/workspace-domain.ts'

/** The workspace that holds what a client's keys of one mode make. It has no members. Gives back its id. */
export async function insertClientWorkspace(ctx: Context, name: string): Promise<string> {
  const id = ctx.newId()
  const now = ctx.now()
  // The end of an id is random: no other workspace has this domain.
  const domain = `${domainFromName(name).slice(0, STEM_LENGTH_MAX)}-${id.slice(-SUFFIX_LENGTH)}`
  await ctx.db
    .insertInto('workspaces')
    .values({ id, name, domain, hasClientEvents: true, createdAt: now, updatedAt: now })
    .execute()
  await createStream(ctx.db, id, 'workspace')
  return id
}

const SUFFIX_LENGTH = 12
const STEM_LENGTH_MAX = 63 - SUFFIX_LENGTH - 1
