import type { Database } from '../../platform/database/database.ts'
import { readAddressesOf } from '../addresses/queries.ts'
import type { Address } from '../addresses/schema.ts'
import type { PublicUser } from '../users/schema.ts'
import { findTeam } from '../workspaces/find-team.ts'
import type { StoredContact } from './schema.ts'

/** A contact as its team sees it. */
export type ContactDetails = {
  contact: StoredContact
  /** By kind, the primary one first. */
  addresses: Address[]
  /** Null also where the owner has left the team. */
  owner: PublicUser | null
  /** Without those who have left the team. */
  followers: PublicUser[]
}

/** What belongs to contacts of one workspace, by as many queries for many of them as for one. */
export async function readContactDetails(db: Database, contacts: StoredContact[]): Promise<ContactDetails[]> {
  const workspaceId = contacts[0]?.workspaceId
  if (workspaceId === undefined) return []
  const addresses = await readAddressesOf(db, { workspaceId, contactIds: contacts.map(({ id }) => id) })
  const byContact = Map.groupBy(addresses, ({ contactId }) => contactId)
  const team = await findTeam(db, { workspaceId, userIds: contacts.flatMap(listPeople) })
  return contacts.map((contact) => ({
    contact,
    addresses: byContact.get(contact.id) ?? [],
    owner: (contact.ownerId !== null && team.get(contact.ownerId)) || null,
    followers: contact.followerIds.flatMap((id) => team.get(id) ?? []),
  }))
}

function listPeople({ ownerId, followerIds }: StoredContact): string[] {
  return ownerId === null ? followerIds : [ownerId, ...followerIds]
}
