import { type ContactKey, getTendedContact, type TeamActor } from '../addresses/policy.ts'
import type { Context } from '../context.ts'
import { type ContactDetails, readContactDetails } from './contact-details.ts'

/** A contact with all that its team knows of it. */
export async function getContactDetails(ctx: Context<TeamActor>, key: ContactKey): Promise<ContactDetails> {
  const [details] = await readContactDetails(ctx.db, [await getTendedContact(ctx, key)])
  return details!
}
