import { type RawBuilder, sql } from 'kysely'
import { readCount } from '../activity/counts.ts'
import { requireTeam, type TeamActor } from '../addresses/policy.ts'
import { containsPattern } from '../contains-pattern.ts'
import type { Context } from '../context.ts'
import { type ContactDetails, readContactDetails } from './contact-details.ts'
import { isInName } from './name-condition.ts'
import { selectContacts } from './queries.ts'

export type SearchContacts = {
  workspaceId: string
  /** A part of the name, of an email or of a phone number; all contacts where it is empty. */
  search?: string | undefined
  /** From 1. */
  page: number
  pageSize: number
}

export type ContactDetailsPage = { rows: ContactDetails[]; totalCount: number }

/**
 * The contacts of a workspace in the order in which they were made, so that those which are made while somebody turns the
 * pages come last and move none.
 */
export async function searchContacts(ctx: Context<TeamActor>, input: SearchContacts): Promise<ContactDetailsPage> {
  const { workspaceId, page, pageSize } = input
  const search = input.search?.normalize('NFKC').trim().replaceAll(/\s+/g, ' ') ?? ''
  const pattern = containsPattern(search, 'search')
  await requireTeam(ctx, workspaceId)
  const part = sql`order by created_at, id limit ${pageSize} offset ${(page - 1) * pageSize}`
  if (search === '') return listAll(ctx, workspaceId, part)
  const { rows } = await sql<{ ids: string[]; total: number }>`
    with found as materialized (
      select id, created_at from contacts where id in (
        select id from contacts
        where workspace_id = ${workspaceId} and deleted_at is null and ${isInName(search, 'search')}
        union
        select contact_id from addresses
        where workspace_id = ${workspaceId} and deleted_at is null and ${matchesAddress(search, pattern)}
      ) and deleted_at is null
    )
    select array(select id from found ${part}) as ids, (select count(*) from found) as total`.execute(ctx.db)
  const { ids, total } = rows[0]!
  return { rows: await readInOrder(ctx, ids), totalCount: total }
}

async function listAll(ctx: Context, workspaceId: string, part: RawBuilder<unknown>): Promise<ContactDetailsPage> {
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

// As people write numbers: what looks like a part of one is looked for by its digits, without the zero that stands
// before an area code where the country's code is left out.
const NUMBER_PART = /^[+\d\s().\-/]+$/
const DIGITS_MIN = 3

function matchesAddress(search: string, pattern: string): RawBuilder<boolean> {
  const digits = search.replaceAll(/\D/g, '').replace(/^0+/, '')
  const isNumber = NUMBER_PART.test(search) && digits.length >= DIGITS_MIN
  return isNumber ? sql`value like ${`%${digits}%`}` : sql`value like lower(${pattern})`
}
