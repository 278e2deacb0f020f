import { announceContact } from '../addresses/announce-contact.ts'
import { type ContactKey, holdTendedContact, type TeamActor } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { invalidField } from '../errors.ts'
import { foldTag, parseTag, TAGS_MAX } from './team-fields.ts'

/** Gives a contact one more tag, and announces the contact. One that it has already stays as it is written. */
export async function addTag(ctx: Context<TeamActor>, input: ContactKey & { tag: string }): Promise<void> {
  const { workspaceId, contactId } = input
  const tag = parseTag(input.tag, 'tag')
  await ctx.transaction(async (ctx) => {
    const { tags } = await holdTendedContact(ctx, { workspaceId, contactId })
    if (tags.some((one) => foldTag(one) === foldTag(tag))) return
    if (tags.length >= TAGS_MAX) throw invalidField('tag', `must wait: the contact has ${TAGS_MAX} tags already`)
    await ctx.db
      .updateTable('contacts')
      .set({ tags: [...tags, tag] })
      .where('id', '=', contactId)
      .execute()
    await announceContact(ctx, { workspaceId, contactId })
  })
}
