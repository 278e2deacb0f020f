import type { UserActor } from '../actor.ts'
import { kindOf } from '../consents/ledger.ts'
import { type AddContact, addContact } from '../contacts/add-contact.ts'
import type { ContactDetails } from '../contacts/contact-details.ts'
import { getContactDetails } from '../contacts/get-contact-details.ts'
import type { Context } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import { AppError, type FieldProblems, invalidField } from '../errors.ts'
import { getContactConversation } from './get-contact-conversation.ts'
import { openContactConversation } from './open-contact-conversation.ts'
import type { ContactConversationView } from './schema.ts'

export type BeginConversation = {
  workspaceId: string
  /** With whom: somebody new, or a contact that there is. */
  with: { contact: Omit<AddContact, 'workspaceId'> } | { contactId: string }
  /** One over which the contact is reached; unless said, the first of SMS and email that is. */
  transport?: Transport | undefined
}

/**
 * Begins the conversation with a contact, who is made where they are new. Where there is a conversation already it is that
 * one, unchanged.
 */
export async function beginConversation(
  ctx: Context<UserActor>,
  input: BeginConversation,
): Promise<ContactConversationView> {
  const { workspaceId, transport } = input
  const { contact, addresses } = await findPartner(ctx, input)
  if (transport !== undefined && !addresses.some(({ kind }) => kind === kindOf(transport))) {
    throw invalidField('channel', 'must be one over which the contact is reached')
  }
  const { conversation } = await openContactConversation(ctx, { workspaceId, contactId: contact.id, transport })
  return getContactConversation(ctx, { workspaceId, conversationId: conversation.id })
}

// In a transaction of their own: a contact without a conversation is as good as any, and who asks again finds it.
async function findPartner(ctx: Context<UserActor>, input: BeginConversation): Promise<ContactDetails> {
  const { workspaceId, transport } = input
  if ('contactId' in input.with) return getContactDetails(ctx, { workspaceId, contactId: input.with.contactId })
  const { contact } = input.with
  const needed = transport && kindOf(transport)
  // Before anybody is made.
  if (needed !== undefined && contact[needed] === undefined) {
    throw invalidField(`contact.${needed}`, 'is required for this channel')
  }
  return inContact(() => addContact(ctx, { ...contact, workspaceId }))
}

/** Names the fields of the contact as parts of it. */
async function inContact<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError) || error.fields === undefined) throw error
    const named = Object.entries(error.fields).map(([name, problems]) => [`contact.${name}`, problems])
    throw new AppError('invalid_request', { fields: Object.fromEntries(named) as FieldProblems })
  }
}
