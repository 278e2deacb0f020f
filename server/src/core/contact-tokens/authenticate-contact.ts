import type { ContactActor } from '../actor.ts'
import { findContact } from '../contacts/queries.ts'
import type { Core } from '../context.ts'
import { AppError } from '../errors.ts'

export type AuthenticateContact = {
  token: string
  address: string | null
  /** Where the page stands that shows the token, `https://shop.example`; null where it is no browser's page. */
  origin: string | null
}

/**
 * Finds who a contact's token stands for. Refused when its time is over, when the contact was deleted or the client
 * revoked, and on pages that are not the client's.
 */
export async function authenticateContact(
  { ports, clock, database }: Pick<Core, 'ports' | 'clock' | 'database'>,
  { token, address, origin }: AuthenticateContact,
): Promise<ContactActor> {
  const claims = ports.contactTokens.read(token)
  if (claims === undefined) throw new AppError('invalid_contact_token')
  const { id: sessionId, contactId, workspaceId, clientId, isLive, conversationIds, expiresAt } = claims
  if (expiresAt <= clock()) throw new AppError('expired_contact_token')
  if (!(await ports.contactClients.isActive(clientId))) throw new AppError('invalid_contact_token')
  if (origin !== null && !(await ports.contactClients.allowsOrigin(clientId, origin))) {
    throw new AppError('contact_origin_not_allowed')
  }
  const contact = await findContact(database.kysely, { contactId, workspaceId })
  if (contact === undefined) throw new AppError('invalid_contact_token')
  const scope = { workspaceId, clientId, isLive, conversationIds }
  return { kind: 'contact', id: contact.id, ...scope, sessionId, expiresAt, address }
}
