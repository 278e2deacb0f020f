import type { UserActor } from '../actor.ts'
import { getTendedContact } from '../addresses/policy.ts'
import { type AddContact, addContact } from '../contacts/add-contact.ts'
import type { Context } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import { invalidField } from '../errors.ts'
import { getContactConversation } from './get-contact-conversation.ts'
import { openContactConversation } from './open-contact-conversation.ts'
import type { ContactConversationView } from './schema.ts'

export type BeginConversation = {
  workspaceId: string
  transport: Transport
  /** Either a contact that there is, or somebody new: who is reached at one of the addresses already is that one. */
  contactId?: string | undefined
  contact?: Omit<AddContact, 'workspaceId'> | undefined
}

/** The conversation with a contact, for the team to write first; the one that there is, where there is one. */
export async function beginConversation(
  ctx: Context<UserActor>,
  { workspaceId, transport, contactId, contact }: BeginConversation,
): Promise<ContactConversationView> {
  if ((contactId === undefined) === (contact === undefined)) {
    throw invalidField('contact_id', 'is required, or else contact: one of them')
  }
  return ctx.transaction(async (ctx) => {
    const { id } =
      contact === undefined
        ? await getTendedContact(ctx, { workspaceId, contactId: contactId! })
        : (await addContact(ctx, { ...contact, workspaceId })).contact
    const { conversation } = await openContactConversation(ctx, { workspaceId, contactId: id, transport })
    return getContactConversation(ctx, { workspaceId, conversationId: conversation.id })
  })
}
