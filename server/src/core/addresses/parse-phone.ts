import { type CountryCode, type PhoneNumber, parsePhoneNumberWithError } from 'libphonenumber-js/max'
import { invalidField } from '../errors.ts'

/** A country as ISO 3166-1 names it, as in `DE`. */
export type Region = CountryCode

export type PhoneField = {
  /** What the caller calls the field. */
  field: string
  /** Where numbers without a country code belong; without it they are refused. */
  region?: Region | undefined
}

const CHARACTERS_MAX = 64
// Seven digits are the shortest that a country has; fifteen the most that E.164 allows.
const E164 = /^\+[1-9]\d{6,14}$/
const WHATSAPP_PREFIX = /^\s*whatsapp:/i

/**
 * Reads a phone number, however it is written, into E.164, as in `+14155238886`. Of a number with its country code only
 * the form is checked: WhatsApp names people by numbers that no numbering plan has any more (the Mexican +52 1 …), plans
 * change faster than what we know of them, and the carrier says which number it cannot reach. A number without one must
 * be one of its region: a short or mistyped one would be a stranger's.
 */
export function parsePhone(text: string, { field, region }: PhoneField): string {
  const written = text.normalize('NFKC').trim()
  const number = written.length <= CHARACTERS_MAX ? readNumber(written, region) : undefined
  if (number === undefined || !E164.test(number.number)) {
    throw invalidField(field, 'must be a phone number with its country code, as in +14155550123')
  }
  if (number.ext !== undefined) throw invalidField(field, 'must not have an extension')
  if (!written.startsWith('+') && !number.isValid()) {
    throw invalidField(field, `is not a phone number of ${region}: write it with its country code, as in +14155550123`)
  }
  return number.number
}

/** The same as WhatsApp's carriers write it, `whatsapp:+14155238886`; the prefix can be missing. */
export function parseWhatsappAddress(text: string, field: PhoneField): string {
  return parsePhone(text.normalize('NFKC').replace(WHATSAPP_PREFIX, ''), field)
}

function readNumber(text: string, region: Region | undefined): PhoneNumber | undefined {
  try {
    // Not extracted: a sentence that has a number in it is not a number.
    return parsePhoneNumberWithError(text, { ...(region && { defaultCountry: region }), extract: false })
  } catch {
    return undefined
  }
}
