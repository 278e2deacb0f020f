import { decodeText } from './decode-text.ts'
import type { EmailAttachment, InboundEmail } from './inbound-email.ts'
import { isAutomatic, parseAddresses, parseDate, parseHeaders, parseIds } from './mail-headers.ts'
import { nameAttachment } from './name-attachment.ts'
import { parseRawEmail } from './parse-raw-email.ts'
import { type FormPart, readForm } from './read-form.ts'

const SUBJECT_CHARACTERS_MAX = 998
const ENVELOPE_RECIPIENTS_MAX = 200
const VERDICT_CHARACTERS_MAX = 500

/**
 * Reads what Inbound Parse posts, in its parsed form or, with "POST the raw, full MIME message" on, its raw one. Throws
 * `invalid_request` where it is no such form.
 *
 * @see https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
 */
export async function parseInbound(contentType: string, raw: Buffer): Promise<InboundEmail> {
  const parts = await readForm(contentType, raw)
  const fields = readFields(parts)
  const mime = parts.find(({ name, fileName }) => name === 'email' && fileName === null)
  const parsed = mime === undefined ? readParsed(fields, parts) : await parseRawEmail(mime.bytes)
  const envelope = readEnvelope(fields('envelope'))
  return {
    ...parsed,
    envelope,
    spf: fields('SPF')?.trim().slice(0, VERDICT_CHARACTERS_MAX) ?? null,
    dkim: fields('dkim')?.trim().slice(0, VERDICT_CHARACTERS_MAX) ?? null,
    spamScore: readScore(fields('spam_score')),
    isAutomatic: parsed.isAutomatic || envelope.from === '',
  }
}

/** Gives the text of a field. The field `charsets` says how each is encoded, and is itself ASCII. */
function readFields(parts: readonly FormPart[]): (name: string) => string | undefined {
  const find = (name: string) => parts.find((part) => part.name === name && part.fileName === null)
  const charsets = parseObject(find('charsets')?.bytes.toString('latin1'))
  return (name) => {
    const charset = charsets[name]
    const part = find(name)
    return part && decodeText(part.bytes, typeof charset === 'string' ? charset : undefined)
  }
}

function readParsed(fields: (name: string) => string | undefined, parts: readonly FormPart[]) {
  const headers = parseHeaders(fields('headers') ?? '')
  const header = (name: string) => headers.get(name)
  return {
    messageId: parseIds(header('message-id')).at(0) ?? null,
    inReplyTo: parseIds(header('in-reply-to')).at(0) ?? null,
    references: parseIds(header('references')),
    date: parseDate(header('date')),
    from: parseAddresses(fields('from')).at(0) ?? null,
    replyTo: parseAddresses(header('reply-to')).at(0) ?? null,
    to: parseAddresses(fields('to')),
    cc: parseAddresses(fields('cc')),
    subject: (fields('subject') ?? '').slice(0, SUBJECT_CHARACTERS_MAX),
    text: fields('text') ?? null,
    html: fields('html') ?? null,
    attachments: readAttachments(fields, parts),
    isAutomatic: isAutomatic(header),
  }
}

/** `attachment-info` says more of a file than its part does, and `content-ids` which image of the HTML it is. */
function readAttachments(fields: (name: string) => string | undefined, parts: readonly FormPart[]): EmailAttachment[] {
  const infos = parseObject(fields('attachment-info'))
  const contentIds = new Map(
    Object.entries(parseObject(fields('content-ids'))).map(([contentId, name]) => [name, contentId]),
  )
  return parts.flatMap((part) => {
    if (part.fileName === null && !/^attachment\d+$/.test(part.name)) return []
    const info = infos[part.name]
    const about = isObject(info) ? info : {}
    const told = (key: string) => (typeof about[key] === 'string' && about[key] !== '' ? about[key] : undefined)
    const contentType = told('type') ?? part.contentType
    return [
      {
        name: nameAttachment(told('filename') ?? told('name') ?? part.fileName ?? '', contentType),
        contentType,
        contentId: (told('content-id') ?? contentIds.get(part.name))?.replace(/^<|>$/g, '') ?? null,
        bytes: part.bytes,
      },
    ]
  })
}

function readEnvelope(text: string | undefined): InboundEmail['envelope'] {
  const { from, to } = parseObject(text)
  const recipients = Array.isArray(to) ? to : [to]
  return {
    from: typeof from === 'string' ? from : null,
    to: recipients.filter((one): one is string => typeof one === 'string').slice(0, ENVELOPE_RECIPIENTS_MAX),
  }
}

function readScore(text: string | undefined): number | null {
  const score = Number.parseFloat(text ?? '')
  return Number.isFinite(score) ? score : null
}

/** What is no JSON object counts as an empty one: an email is not lost over what is said beside it. */
function parseObject(text: string | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}')
    return isObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
