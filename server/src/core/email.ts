import { invalidField } from './errors.ts'
import { requireStorableText } from './messages/message-text.ts'

// What people have, in any script: no quoted names, no numeric hosts in brackets.
const EMAIL =
  /^[^\s\p{Cc}@"(),:;<>[\\\].]+(?:\.[^\s\p{Cc}@"(),:;<>[\\\].]+)*@(?:[\p{L}\p{N}\p{M}-]+\.)+[\p{L}\p{N}\p{M}-]+$/u
// Of an address as mail servers take it (RFC 5321), and of what stands before its @.
const EMAIL_CHARACTERS_MAX = 254
const LOCAL_PART_CHARACTERS_MAX = 64

/** Reads an email address: trimmed, otherwise as it was given. */
export function parseEmail(text: string, field = 'email'): string {
  const email = text.trim()
  requireStorableText(email, field)
  const isTooLong = email.length > EMAIL_CHARACTERS_MAX || email.indexOf('@') > LOCAL_PART_CHARACTERS_MAX
  if (isTooLong || !EMAIL.test(email)) throw invalidField(field, 'must be an email address')
  return email
}
