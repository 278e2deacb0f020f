import { domainToASCII } from 'node:url'
import { parseEmail } from '../email.ts'
import { invalidField } from '../errors.ts'

export type EmailAddress = {
  /** In lower case, its domain in ASCII (`xn--…`): the same person has one spelling. */
  value: string
  /** As it was given; null where that is the same. */
  shown: string | null
}

const CHARACTERS_MAX = 254

/** Reads an email address into the spelling by which it is found. */
export function parseEmailAddress(text: string, field: string): EmailAddress {
  const given = parseEmail(text, field)
  const at = given.lastIndexOf('@')
  const domain = domainToASCII(given.slice(at + 1))
  const value = `${given.slice(0, at).normalize('NFC').toLowerCase()}@${domain}`
  // A domain whose last label is a number is read as an IPv4 address, in whatever form.
  const isHost = domain !== '' && !/(^|\.)\d+$/.test(domain)
  if (!isHost || value.length > CHARACTERS_MAX) throw invalidField(field, 'must be an email address')
  return { value, shown: given === value ? null : given }
}
