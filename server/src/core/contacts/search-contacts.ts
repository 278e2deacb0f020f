import { type RawBuilder, sql } from 'kysely'
import { readCount } from '../activity/counts.ts'
import { requireTeam, type TeamActor } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import type { NumberedPage, PageNumber } from '../numbered-page.ts'
import { type ContactDetails, readContactDetails } from './contact-details.ts'
import { selectContacts } from './queries.ts'
import { parseWords, runSearch, selectPeople } from './select-people.ts'

export type SearchContacts = PageNumber & {
  workspaceId: string
  /** Words of the name or parts of an email, typos forgiven, or a part of a phone number; all where it is empty. */
  search?: string | undefined
}

/**
 * The contacts of a workspace in the order in which they were made, so that those which are made while somebody turns the
 * pages come last and move none.
 */
export async function searchContacts(
  ctx: Context<TeamActor>,
  input: SearchContacts,
): Promise<NumberedPage<ContactDetails>> {
  const { workspaceId, search = '', page, pageSize } = input
  const words = parseWords(search, 'search')
  await requireTeam(ctx, workspaceId)
  const part = sql`order by created_at, id limit ${pageSize} offset ${(page - 1) * pageSize}`
  if (words.length === 0) return listAll(ctx, workspaceId, part)
  const found = await runSearch(ctx, async (ctx, spelling) => {
    const people = selectPeople({ workspaceId, words, text: search, spelling })
    const { rows } = await sql<{ ids: string[]; total: number }>`
      with found as materialized (select id, created_at from contacts where deleted_at is null and id in (${people}))
      select array(select id from found ${part}) as ids, (select count(*) from found) as total`.execute(ctx.db)
    const { ids, total } = rows[0]!
    return total === 0 ? undefined : { rows: await readInOrder(ctx, ids), totalCount: total }
  })
  return found ?? { rows: [], totalCount: 0 }
}

async function listAll(
  ctx: Context,
  workspaceId: string,
  part: RawBuilder<unknown>,
): Promise<NumberedPage<ContactDetails>> {
  await ctx.ports.activity.caughtUp()
  const { rows } = await sql<{ id: string }>`
    select id from contacts where workspace_id = ${workspaceId} and deleted_at is null ${part}`.execute(ctx.db)
  const ids = rows.map(({ id }) => id)
  const totalCount = await readCount(ctx.db, { kind: 'contacts', ownerId: workspaceId })
  return { rows: await readInOrder(ctx, ids), totalCount }
}

async function readInOrder(ctx: Context, ids: string[]): Promise<ContactDetails[]> {
  if (ids.length === 0) return []
  const found = await selectContacts(ctx.db, sql`c.id = any(${ids}::uuid[])`)
  const byId = new Map(found.map((contact) => [contact.id, contact]))
  return readContactDetails(
    ctx.db,
    ids.flatMap((id) => byId.get(id) ?? []),
  )
}
