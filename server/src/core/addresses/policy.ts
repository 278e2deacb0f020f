import type { SystemActor, UserActor } from '../actor.ts'
import { findContact } from '../contacts/queries.ts'
import type { StoredContact } from '../contacts/schema.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { findMembership } from '../workspaces/queries.ts'
import type { Role } from '../workspaces/schema.ts'

/** Who looks after the contacts of a workspace: its members, or the program itself. */
export type TeamActor = UserActor | SystemActor

export type ContactKey = { workspaceId: string; contactId: string }

/** Sees the contacts of a workspace, and changes them. */
export function canTendContacts(role: Role): boolean {
  return role !== 'guest'
}

/** A contact for those who look after it. Strangers get the same answer as for a missing workspace. */
export async function getTendedContact(
  ctx: Context<TeamActor>,
  { workspaceId, contactId }: ContactKey,
): Promise<StoredContact> {
  await requireTeam(ctx, workspaceId)
  const contact = await findContact(ctx.db, { workspaceId, contactId })
  if (contact === undefined) throw new AppError('contact_not_found', 'contact_id')
  return contact
}

/** The same with the contact's head held: nobody else changes it or its addresses until the transaction ends. */
export async function holdTendedContact(ctx: Context<TeamActor>, key: ContactKey): Promise<StoredContact> {
  // Whoever may not is refused before they hold anything up.
  await getTendedContact(ctx, key)
  await lockStream(ctx.db, key.contactId)
  return getTendedContact(ctx, key)
}

/** Refuses whoever is no member of the workspace, or only a guest. */
export async function requireTeam({ db, actor }: Context<TeamActor>, workspaceId: string): Promise<void> {
  if (actor.kind === 'system') return
  const membership = await findMembership(db, { workspaceId, userId: actor.id })
  if (membership === undefined) throw new AppError('workspace_not_found', 'workspace_id')
  if (!canTendContacts(membership.member.role)) throw new AppError('permission_denied')
}
