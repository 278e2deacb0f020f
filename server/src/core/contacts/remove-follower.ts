import { announceContact } from '../addresses/announce-contact.ts'
import { type ContactKey, holdTendedContact, type TeamActor } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'

/** Ends that somebody follows a contact, and announces it; also somebody who has left the workspace. */
export async function removeFollower(ctx: Context<TeamActor>, input: ContactKey & { userId: string }): Promise<void> {
  const { workspaceId, contactId, userId } = input
  await ctx.transaction(async (ctx) => {
    const { followerIds } = await holdTendedContact(ctx, { workspaceId, contactId })
    if (!followerIds.includes(userId)) throw new AppError('follower_not_found', 'user_id')
    await ctx.db
      .deleteFrom('contactFollowers')
      .where('contactId', '=', contactId)
      .where('userId', '=', userId)
      .execute()
    await announceContact(ctx, { workspaceId, contactId })
  })
}
