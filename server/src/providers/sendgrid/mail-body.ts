import type { CarriedFile, EmailParts, Outgoing } from '../../core/deliveries/carrier.ts'

/** Of the whole message, its attachments encoded: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations */
const MAIL_BYTES_MAX = 30 * 1024 * 1024
/** RFC 2045: three bytes are four characters. */
const BASE64_GROWTH = 4 / 3
const REFERENCES_MAX = 20

type Address = { email: string; name?: string }

/** What `POST /v3/mail/send` takes, as far as we use it. */
export type MailBody = {
  from: Address
  subject: string
  personalizations: { to: Address[]; cc?: Address[]; bcc?: Address[] }[]
  content: { type: string; value: string }[]
  attachments?: { content: string; filename: string; type: string; disposition: 'attachment' }[]
  headers: Record<string, string>
  custom_args: { delivery: string }
}

/** Why an email cannot even be written down. */
export type MailProblem = { problem: string; code: string; isFinal: boolean }

/**
 * Writes an email as the body of a request. Everything is read before anything is sent, so that a file that cannot be read
 * is a plain refusal.
 *
 * @see https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
 */
export async function buildMail(message: Outgoing, signal: AbortSignal): Promise<MailBody | MailProblem> {
  const { email } = message
  if (email === null) return { problem: 'The message is no email.', code: 'not_an_email', isFinal: true }
  const content = contentOf(message.body, email.html)
  const contentBytes = content.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0)
  const fileBytes = message.files.reduce((sum, file) => sum + file.sizeBytes, 0)
  if (contentBytes + fileBytes * BASE64_GROWTH > MAIL_BYTES_MAX) {
    return { problem: 'The email is larger than 30 MB: send fewer or smaller files.', code: 'too_large', isFinal: true }
  }
  const attachments: MailBody['attachments'] = []
  for (const file of message.files) {
    const bytes = await readFile(file, signal)
    if (bytes === undefined) {
      return { problem: `The file ${oneLine(file.name)} could not be read.`, code: 'file_unreadable', isFinal: false }
    }
    attachments.push({
      content: bytes.toString('base64'),
      filename: oneLine(file.name),
      type: file.contentType,
      disposition: 'attachment',
    })
  }
  return {
    from: withName(message.from, email.fromName),
    // SendGrid takes no email without a subject, and none without a character of content.
    subject: oneLine(email.subject) || '(no subject)',
    personalizations: [recipientsOf(message.to, email)],
    content,
    ...(attachments.length > 0 && { attachments }),
    headers: headersOf(email),
    custom_args: { delivery: message.deliveryId },
  }
}

/** The plain text first: SendGrid demands it. */
function contentOf(text: string, html: string | null): MailBody['content'] {
  const plain = { type: 'text/plain', value: text }
  if (html === null || html === '') return [text === '' ? { ...plain, value: ' ' } : plain]
  const rich = { type: 'text/html', value: html }
  return text === '' ? [rich] : [plain, rich]
}

/** SendGrid refuses an email that names an address twice; it does not mind the case of letters. */
function recipientsOf(to: string, { cc, bcc }: EmailParts): MailBody['personalizations'][number] {
  const seen = new Set([to.toLowerCase()])
  const fresh = (addresses: readonly string[]) =>
    addresses.flatMap((email) => {
      if (seen.has(email.toLowerCase())) return []
      seen.add(email.toLowerCase())
      return [{ email }]
    })
  const copies = fresh(cc)
  const blind = fresh(bcc)
  return { to: [{ email: to }], ...(copies.length > 0 && { cc: copies }), ...(blind.length > 0 && { bcc: blind }) }
}

function headersOf({ messageId, inReplyTo, references }: EmailParts): Record<string, string> {
  const kept =
    references.length <= REFERENCES_MAX ? references : [references[0]!, ...references.slice(1 - REFERENCES_MAX)]
  return {
    'Message-ID': inBrackets(messageId),
    ...(inReplyTo !== null && { 'In-Reply-To': inBrackets(inReplyTo) }),
    ...(kept.length > 0 && { References: kept.map(inBrackets).join(' ') }),
  }
}

function withName(email: string, name: string | null): Address {
  const line = oneLine(name ?? '')
  return line === '' ? { email } : { email, name: line }
}

function inBrackets(id: string): string {
  return `<${id.replace(/[\s<>]/g, '')}>`
}

/** A line break in a header would begin another one. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
}

async function readFile(file: CarriedFile, signal: AbortSignal): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of (await file.open()).iterator({ destroyOnReturn: true })) {
      signal.throwIfAborted()
      chunks.push(Buffer.from(chunk))
      bytes += chunks.at(-1)!.length
      if (bytes > file.sizeBytes) return undefined
    }
  } catch {
    return undefined
  }
  return bytes === file.sizeBytes ? Buffer.concat(chunks) : undefined
}
