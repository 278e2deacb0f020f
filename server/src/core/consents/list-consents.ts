import { type ContactKey, getTendedContact, type TeamActor } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { readIdCursor } from '../id-cursor.ts'
import { cutPage, PAGE_DEFAULT, type Page } from '../page.ts'
import { CONSENT_COLUMNS } from './queries.ts'
import type { Consent } from './schema.ts'

export type ListConsents = ContactKey & {
  limit?: number | undefined
  cursor?: string | null | undefined
}

/** What is known of a contact's consents at all addresses, newest first. */
export async function listConsents(ctx: Context<TeamActor>, input: ListConsents): Promise<Page<Consent>> {
  const { workspaceId, contactId, limit = PAGE_DEFAULT, cursor } = input
  const before = readIdCursor(cursor)
  await getTendedContact(ctx, { workspaceId, contactId })
  const rows = await ctx.db
    .selectFrom('consents')
    .select(CONSENT_COLUMNS)
    .where('workspaceId', '=', workspaceId)
    .where('contactId', '=', contactId)
    .$if(before !== undefined, (query) => query.where('id', '<', before!))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .$narrowType<Pick<Consent, 'transport' | 'source'>>()
    .execute()
  return cutPage(rows, limit, ({ id }) => [id])
}
