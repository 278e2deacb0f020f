import { sql } from 'kysely'
import { announceContact } from '../addresses/announce-contact.ts'
import { type EmailAddress, parseEmailAddress } from '../addresses/parse-email-address.ts'
import { parseWhatsappAddress } from '../addresses/parse-phone.ts'
import { type ContactKey, holdTendedContact, type TeamActor } from '../addresses/policy.ts'
import { replacePrimary } from '../addresses/replace-primary.ts'
import { requireFreeAddress } from '../addresses/require-free-address.ts'
import type { AddressKind } from '../addresses/schema.ts'
import type { Context } from '../context.ts'
import { parseFields } from '../parse-fields.ts'
import type { StoredContact } from './schema.ts'
import { parseFollowerIds, parseTags, requireTeammates } from './team-fields.ts'

/** What is left out stays as it is. */
export type UpdateContactDetails = ContactKey & {
  /** Takes the place of the primary one. */
  email?: string | undefined
  /** The same. */
  phone?: string | undefined
  /** Null for nobody. */
  ownerId?: string | null | undefined
  /** All who follow, in place of those who did. */
  followerIds?: string[] | undefined
  /** All tags, in place of those that were there. */
  tags?: string[] | undefined
  isDnd?: boolean | undefined
}

/**
 * Changes what the team knows of a contact, and announces it. No change announces nothing. The owner and the followers are
 * members of the workspace and no guests.
 */
export async function updateContactDetails(ctx: Context<TeamActor>, input: UpdateContactDetails): Promise<void> {
  const { workspaceId, contactId, email, phone, ownerId, followerIds, tags, isDnd } = input
  const changes = parseFields({
    email: () => (email === undefined ? undefined : parseEmailAddress(email, 'email')),
    phone: () => (phone === undefined ? undefined : readPhone(phone)),
    followerIds: () => followerIds && parseFollowerIds(followerIds, 'follower_ids'),
    tags: () => tags && parseTags(tags, 'tags'),
  })
  await ctx.transaction(async (ctx) => {
    const before = await holdTendedContact(ctx, { workspaceId, contactId })
    await requireTeammates(ctx, workspaceId, {
      ...(ownerId && { owner_id: ownerId }),
      ...Object.fromEntries((changes.followerIds ?? []).map((id, i) => [`follower_ids.${i}`, id])),
    })
    // One after the other, by kind: of two who take the same two addresses at once, one waits.
    const written = [
      await writePrimary(ctx, before, { kind: 'email', address: changes.email }),
      await writePrimary(ctx, before, { kind: 'phone', address: changes.phone }),
      await writeFollowers(ctx, before, changes.followerIds),
      await writeColumns(ctx, before, { ownerId, tags: changes.tags, isDnd }),
    ]
    if (written.includes(true)) await announceContact(ctx, { workspaceId, contactId })
  })
}

function readPhone(phone: string): EmailAddress {
  return { value: parseWhatsappAddress(phone, { field: 'phone' }), shown: null }
}

type Primary = { kind: AddressKind; address: EmailAddress | undefined }

async function writePrimary(ctx: Context, before: StoredContact, { kind, address }: Primary): Promise<boolean> {
  if (address === undefined || address.value === before[kind]) return false
  const row = { workspaceId: before.workspaceId, contactId: before.id, kind, ...address }
  await requireFreeAddress(ctx, { ...row, field: kind })
  await replacePrimary(ctx, row)
  return true
}

/** Whoever goes on following keeps their place. */
async function writeFollowers(ctx: Context, before: StoredContact, ids: string[] | undefined): Promise<boolean> {
  const added = ids?.filter((id) => !before.followerIds.includes(id)) ?? []
  if (ids === undefined || (added.length === 0 && ids.length === before.followerIds.length)) return false
  await sql`
    delete from contact_followers where contact_id = ${before.id} and user_id <> all(${ids}::uuid[])`.execute(ctx.db)
  const rows = added.map((userId) => ({ contactId: before.id, userId, createdAt: ctx.now() }))
  if (rows.length > 0) await ctx.db.insertInto('contactFollowers').values(rows).execute()
  return true
}

type Columns = Partial<Record<'ownerId', string | null | undefined>> & {
  tags: string[] | undefined
  isDnd: boolean | undefined
}

async function writeColumns(ctx: Context, before: StoredContact, changes: Columns): Promise<boolean> {
  const { ownerId = before.ownerId, tags = before.tags, isDnd = before.isDnd } = changes
  const isSame = ownerId === before.ownerId && isDnd === before.isDnd && tags.join('\n') === before.tags.join('\n')
  if (isSame) return false
  const row = { ownerUserId: ownerId, tags, isDnd }
  await ctx.db.updateTable('contacts').set(row).where('id', '=', before.id).execute()
  return true
}
