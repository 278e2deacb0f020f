import { type Static, Type } from 'typebox'
import type { AddContact } from '../../core/contacts/add-contact.ts'
import { TAGS_MAX } from '../../core/contacts/team-fields.ts'

export const Email = Type.String({ minLength: 1, maxLength: 320, description: 'An email address.' })
export const Phone = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'A phone number with its country code, as in +14155550123; `whatsapp:` may stand before it.',
})
export const Tag = Type.String({ maxLength: 256, description: '1–64 characters, trimmed.' })
export const Tags = Type.Array(Tag, {
  maxItems: 4 * TAGS_MAX,
  description: `Up to ${TAGS_MAX}; of those that differ in capital letters only, the first counts.`,
})
const OptionalText = (description: string) =>
  Type.Optional(Type.Unsafe<string | null>({ type: ['string', 'null'], description }))

/** Somebody whom the team makes a contact of. */
export const ContactInput = Type.Object({
  fullName: Type.String({ description: '1–255 characters, trimmed.' }),
  email: Type.Optional(Email),
  phone: Type.Optional(Phone),
  username: OptionalText('1–100 characters.'),
  profile: OptionalText('The URL of a picture.'),
  title: OptionalText('What they do: 1–255 characters.'),
  ownerId: Type.Optional(Type.String({ format: 'uuid', description: 'The member who looks after the contact.' })),
  tags: Type.Optional(Tags),
})

export function readContactInput(body: Static<typeof ContactInput>): Omit<AddContact, 'workspaceId'> {
  const { fullName, email, phone, username, profile, title, ownerId, tags } = body
  return { name: fullName, email, phone, username, avatarUrl: profile, title, ownerId, tags }
}
