import { Type } from 'typebox'
import type { Address, AddressKind } from '../../core/addresses/schema.ts'
import type { ContactDetails } from '../../core/contacts/contact-details.ts'
import { presentUserSummary, UserSummaryObject } from './present-user.ts'

const id = Type.String({ format: 'uuid' })
const isPrimary = Type.Boolean({ description: 'Whether it is the one that is written to where none is named.' })

export const ContactDetailObject = Type.Object(
  {
    email: Type.Optional(Type.String({ description: 'The primary one, as it was given.' })),
    emails: Type.Array(Type.Object({ id, email: Type.String(), isPrimary }), { description: 'The primary one first.' }),
    phone: Type.Optional(Type.String({ description: 'The primary one, in E.164.' })),
    phones: Type.Array(Type.Object({ id, phone: Type.String(), isPrimary }), {
      description: 'The primary one first; a phone number serves SMS and WhatsApp.',
    }),
    owner: Type.Optional(UserSummaryObject),
    followers: Type.Array(UserSummaryObject),
    tags: Type.Array(Type.String()),
    automations: Type.Array(
      Type.Object({ id: Type.String(), name: Type.String(), status: Type.Enum(['active', 'paused']) }),
      { description: 'Always empty: there are none yet.' },
    ),
    dnd: Type.Boolean({ description: 'Whether nothing is sent to the contact.' }),
    dndAll: Type.Boolean({ description: 'The same.' }),
  },
  { description: 'How a contact is reached, and what the team knows of it.' },
)

export function presentContactDetail({ contact, addresses, owner, followers }: ContactDetails) {
  const [emails, phones] = [listOf(addresses, 'email'), listOf(addresses, 'phone')]
  return {
    ...(emails[0] && { email: textOf(emails[0]) }),
    emails: emails.map((one) => ({ id: one.id, email: textOf(one), isPrimary: one.isPrimary })),
    ...(phones[0] && { phone: textOf(phones[0]) }),
    phones: phones.map((one) => ({ id: one.id, phone: textOf(one), isPrimary: one.isPrimary })),
    ...(owner && { owner: presentUserSummary(owner) }),
    followers: followers.map(presentUserSummary),
    tags: contact.tags,
    automations: [],
    // One flag, which blocks the contact's sends over all transports: a conversation carries them all, so there is
    // nothing that `dnd` could block less of than `dndAll`.
    dnd: contact.isDnd,
    dndAll: contact.isDnd,
  }
}

function listOf(addresses: Address[], kind: AddressKind): Address[] {
  return addresses.filter((one) => one.kind === kind)
}

function textOf({ value, shown }: Address): string {
  return shown ?? value
}

export const PersonObject = Type.Object({
  fullName: Type.String(),
  username: Type.Optional(Type.String()),
  profile: Type.Optional(Type.String({ description: 'The URL of a picture.' })),
  title: Type.Optional(Type.String({ description: 'What they do.' })),
})

/** Who a contact is, beside how it is reached. */
export function presentPerson({ name, username, avatarUrl, title }: ContactDetails['contact']) {
  return {
    fullName: name,
    ...(username !== null && { username }),
    ...(avatarUrl !== null && { profile: avatarUrl }),
    ...(title !== null && { title }),
  }
}

export const ContactObject = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'The contact.' }),
    ...PersonObject.properties,
    ...ContactDetailObject.properties,
    createdAt: Type.String({ format: 'date-time' }),
    updatedAt: Type.String({ format: 'date-time' }),
  },
  { description: 'Somebody outside, with all that the team knows of them.' },
)

export function presentContact(details: ContactDetails) {
  const { id, createdAt, updatedAt } = details.contact
  return { id, ...presentPerson(details.contact), ...presentContactDetail(details), createdAt, updatedAt }
}
