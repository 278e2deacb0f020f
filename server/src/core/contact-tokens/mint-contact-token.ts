import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { ClientActor } from '../actor.ts'
import { findContact } from '../contacts/queries.ts'
import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { findOwnConversationIds } from './queries.ts'
import { TOKEN_CONVERSATIONS_MAX, TTL_S } from './schema.ts'

export type MintContactToken = {
  contactId: string
  /** The only conversations that the token opens, each one that the contact is in; null for all, also later ones. */
  conversationIds: string[] | null
  /** Seconds from now to its end, 60 to 86,400; an hour unless said. */
  ttlS?: number
}

/**
 * Makes a token with which one of the client's contacts acts in a browser. Nothing is kept of it: it ends when its
 * time is over, with the contact, or with the client.
 */
export async function mintContactToken(
  ctx: Context<ClientActor>,
  { contactId, conversationIds, ttlS = TTL_S.default }: MintContactToken,
): Promise<{ token: string; expiresAt: Timestamp }> {
  if (!Number.isInteger(ttlS) || ttlS < TTL_S.min || ttlS > TTL_S.max) {
    throw invalidField('ttl_s', `must be a whole number from ${TTL_S.min} to ${TTL_S.max}`)
  }
  if (conversationIds !== null && conversationIds.length > TOKEN_CONVERSATIONS_MAX) {
    throw invalidField('conversation_ids', `must be ${TOKEN_CONVERSATIONS_MAX} at most`)
  }
  const { id: clientId, workspaceId, isLive } = ctx.actor
  const contact = await findContact(ctx.db, { contactId, workspaceId })
  if (contact === undefined) throw new AppError('contact_not_found', 'contact_id')
  const opened = conversationIds && (await requireOwn(ctx, contact.id, conversationIds))

  // A JWT's times are whole seconds.
  const issuedAt = new Date(Math.floor(Date.parse(ctx.now()) / 1_000) * 1_000).toISOString()
  const expiresAt = addMs(issuedAt, ttlS * 1_000)
  const whose = { contactId: contact.id, workspaceId, clientId, isLive, conversationIds: opened }
  return { token: ctx.ports.contactTokens.sign({ id: ctx.newId(), ...whose, issuedAt, expiresAt }), expiresAt }
}

/** The ids as the database writes them, each once. Another's conversation answers like one that is not there. */
async function requireOwn(ctx: Context<ClientActor>, contactId: string, ids: string[]): Promise<string[]> {
  const wanted = ids.map((id) => id.toLowerCase())
  const { workspaceId } = ctx.actor
  const own = await findOwnConversationIds(ctx.db, { contactId, workspaceId, conversationIds: wanted })
  const foreign = wanted.findIndex((id) => !own.has(id))
  if (foreign !== -1) throw new AppError('conversation_not_found', `conversation_ids.${foreign}`)
  return [...own]
}
