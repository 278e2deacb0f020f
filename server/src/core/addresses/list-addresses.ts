import type { Context } from '../context.ts'
import { type ContactKey, getTendedContact, type TeamActor } from './policy.ts'
import { readAddresses } from './queries.ts'
import type { Address } from './schema.ts'

/** All addresses of a contact, up to 20 of each kind: by kind, the primary one first, then the oldest. */
export async function listAddresses(ctx: Context<TeamActor>, key: ContactKey): Promise<Address[]> {
  await getTendedContact(ctx, key)
  return readAddresses(ctx.db, key)
}
