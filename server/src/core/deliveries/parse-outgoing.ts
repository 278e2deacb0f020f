import { parseEmailAddress } from '../addresses/parse-email-address.ts'
import { parseWhatsappAddress } from '../addresses/parse-phone.ts'
import { invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'
import { parseName } from '../name.ts'
import { parseFields } from '../parse-fields.ts'
import type { Transport } from './carrier.ts'
import type { EmailInput, SendToContact } from './outgoing-input.ts'

const BODY_CHARACTERS_MAX: Record<Transport, number> = { sms: 1_600, whatsapp: 4_096, email: 40_000 }
const HTML_CHARACTERS_MAX = 1_000_000
const SUBJECT = { field: 'subject', charactersMax: 998 }
const FROM_NAME = { field: 'from_name', charactersMax: 255 }
const COPIES_MAX = 50

type ParsedEmail = { subject: string; fromName: string | null; html: string | null; cc: string[]; bcc: string[] }

/** Reads what does not depend on anything stored; refuses with the problems of all fields at once. */
export function parseOutgoing(input: SendToContact): {
  to: string | null
  from: string | null
  email: ParsedEmail | null
} {
  const { transport, to, from, email } = input
  const {
    body: _,
    clientId: __,
    ...fields
  } = parseFields({
    body: () => requireBody(input),
    clientId: () => (input.clientId ? requireStorableText(input.clientId, 'client_id') : undefined),
    to: () => (to ? parseAddress(transport, to, 'to') : null),
    from: () => (from ? parseAddress(transport, from, 'from') : null),
    email: () => (transport === 'email' ? parseEmail(email) : null),
  })
  return fields
}

function parseAddress(transport: Transport, text: string, field: string): string {
  return transport === 'email' ? parseEmailAddress(text, field).value : parseWhatsappAddress(text, { field })
}

function requireBody({ transport, body, fileIds = [], email }: SendToContact) {
  requireStorableText(body, 'body')
  if (body.trim() === '' && fileIds.length === 0 && !email?.html) throw invalidField('body', 'must not be empty')
  const charactersMax = BODY_CHARACTERS_MAX[transport]
  if (body.length > charactersMax && [...body].length > charactersMax) {
    throw invalidField('body', `must have at most ${charactersMax.toLocaleString('en')} characters over ${transport}`)
  }
}

function parseEmail(email: EmailInput | null | undefined): ParsedEmail {
  return parseFields({
    subject: () => parseName(email?.subject ?? '', SUBJECT),
    fromName: () => (email?.fromName ? parseName(email.fromName, FROM_NAME) : null),
    html: () => parseHtml(email?.html ?? null),
    cc: () => parseCopies(email?.cc ?? [], 'cc'),
    bcc: () => parseCopies(email?.bcc ?? [], 'bcc'),
  })
}

function parseHtml(html: string | null): string | null {
  if (html === null) return null
  requireStorableText(html, 'html')
  if (html.length > HTML_CHARACTERS_MAX) throw invalidField('html', 'must have at most 1,000,000 characters')
  return html
}

function parseCopies(texts: string[], field: string): string[] {
  if (texts.length > COPIES_MAX) throw invalidField(field, `must have at most ${COPIES_MAX} addresses`)
  return [...new Set(texts.map((text) => parseEmailAddress(text, field).value))]
}
