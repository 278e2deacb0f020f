import { announceContact } from '../addresses/announce-contact.ts'
import { type ContactKey, holdTendedContact, type TeamActor } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { invalidField } from '../errors.ts'
import { FOLLOWERS_MAX, requireTeammates } from './team-fields.ts'

/** Makes a member of the workspace who is no guest follow a contact, and announces it. Whoever follows already goes on. */
export async function addFollower(ctx: Context<TeamActor>, input: ContactKey & { userId: string }): Promise<void> {
  const { workspaceId, contactId, userId } = input
  await ctx.transaction(async (ctx) => {
    const { followerIds } = await holdTendedContact(ctx, { workspaceId, contactId })
    await requireTeammates(ctx, workspaceId, { user_id: userId })
    if (followerIds.includes(userId)) return
    if (followerIds.length >= FOLLOWERS_MAX) {
      throw invalidField('user_id', `must wait: ${FOLLOWERS_MAX} people follow the contact already`)
    }
    await ctx.db.insertInto('contactFollowers').values({ contactId, userId, createdAt: ctx.now() }).execute()
    await announceContact(ctx, { workspaceId, contactId })
  })
}
