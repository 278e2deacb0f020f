import { announceContact } from '../addresses/announce-contact.ts'
import { type ContactKey, holdTendedContact, type TeamActor } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { foldTag } from './team-fields.ts'

/** Takes a tag from a contact, whatever its capital letters, and announces the contact. */
export async function removeTag(ctx: Context<TeamActor>, input: ContactKey & { tag: string }): Promise<void> {
  const { workspaceId, contactId } = input
  const tag = foldTag(input.tag.trim())
  await ctx.transaction(async (ctx) => {
    const { tags } = await holdTendedContact(ctx, { workspaceId, contactId })
    const left = tags.filter((one) => foldTag(one) !== tag)
    if (left.length === tags.length) throw new AppError('contact_tag_not_found', 'tag')
    await ctx.db.updateTable('contacts').set({ tags: left }).where('id', '=', contactId).execute()
    await announceContact(ctx, { workspaceId, contactId })
  })
}
