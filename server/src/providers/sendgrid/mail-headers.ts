import addressparser from 'nodemailer/lib/addressparser'
import type { EmailAddress } from './inbound-email.ts'

const HEADERS_MAX = 1_000
const HEADERS_CHARACTERS_MAX = 1_000_000
const IDS_CHARACTERS_MAX = 100_000
const DATE_CHARACTERS_MAX = 200
const IDS_MAX = 50
const ID_CHARACTERS_MAX = 998
const ADDRESSES_MAX = 200
const ADDRESS_TEXT_CHARACTERS_MAX = 50_000
const NAME_CHARACTERS_MAX = 255

/** The first value of each header, by its name in small letters, with folded lines joined. */
export function parseHeaders(text: string): Map<string, string> {
  const headers = new Map<string, string>()
  const lines = text
    .slice(0, HEADERS_CHARACTERS_MAX)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/, HEADERS_MAX)
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
  return headers
}

/** Message-IDs without their brackets, in their order; the last 50. */
export function parseIds(text: string | undefined): string[] {
  const ids = (text ?? '')
    .slice(-IDS_CHARACTERS_MAX)
    .split(/[\s,<>]+/)
    .filter((id) => id !== '' && id.length <= ID_CHARACTERS_MAX)
  return ids.slice(-IDS_MAX)
}

export function parseAddresses(text: string | undefined): EmailAddress[] {
  if (text === undefined) return []
  const found = addressparser(text.slice(0, ADDRESS_TEXT_CHARACTERS_MAX), { flatten: true })
  return toAddresses(found)
}

export function toAddresses(
  found: readonly { address?: string | undefined; name?: string | undefined }[],
): EmailAddress[] {
  const named = found.filter((one): one is { address: string; name?: string } => Boolean(one.address))
  return named.slice(0, ADDRESSES_MAX).map(({ address, name }) => ({
    address,
    name: name ? name.slice(0, NAME_CHARACTERS_MAX) : null,
  }))
}

export function parseDate(text: string | undefined): string | null {
  // The comment behind a date, as "(PDT)", is no part of it.
  const date = new Date(
    (text ?? '')
      .slice(0, DATE_CHARACTERS_MAX)
      .replace(/\([^)]*\)/g, '')
      .trim(),
  )
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** @see RFC 3834: what answers by itself says so, and must not be answered by what does. */
export function isAutomatic(get: (name: string) => string | undefined): boolean {
  const submitted = get('auto-submitted')?.toLowerCase() ?? 'no'
  if (!submitted.startsWith('no')) return true
  if (/^(bulk|list|junk|auto_reply)$/i.test(get('precedence') ?? '')) return true
  if (get('x-autoreply') !== undefined || get('x-autorespond') !== undefined || get('list-id') !== undefined)
    return true
  // A bounce comes from nobody, so that it can never be bounced.
  return get('return-path')?.replace(/\s/g, '') === '<>'
}
