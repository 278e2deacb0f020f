import { type Static, Type } from 'typebox'
import type { EmailInput } from '../../core/deliveries/outgoing-input.ts'
import { toText } from '../../core/email/to-text.ts'
import { invalidField } from '../../core/errors.ts'
import { AttachmentInputs } from './attachment-input.ts'
import { ChannelText, readChannel } from './channels.ts'

const text = (maxLength: number, description: string) => Type.String({ maxLength, description })
const optional = (maxLength: number, description: string) => Type.Optional(text(maxLength, description))

const SCHEDULED_AT = optional(
  64,
  'ISO 8601, UTC where it names no zone, at most a year ahead: it is sent then, and is `scheduled` until then.',
)

/** Of an SMS or a WhatsApp message. */
export const PhoneFields = {
  message: optional(20_000, 'The text; may be missing beside attachments.'),
  from: optional(64, 'A number of the workspace; its default one where it is missing.'),
  to: optional(64, 'A number of the contact, or a new one of theirs, in E.164; their primary one where it is missing.'),
  attachments: Type.Optional(AttachmentInputs),
  scheduledAt: SCHEDULED_AT,
}

const Copies = (description: string) =>
  Type.Optional(
    Type.Union([Type.Array(Type.String({ maxLength: 320 }), { maxItems: 100 }), Type.String({ maxLength: 20_000 })], {
      description,
    }),
  )

export const EmailFields = Type.Object({
  fromName: optional(255, 'What people see as the sender.'),
  fromEmail: optional(320, 'A mailbox of the workspace; its default one where it is missing.'),
  to: optional(320, 'An email address of the contact, or a new one of theirs; their primary one where it is missing.'),
  cc: Copies('A list, or addresses with commas between them.'),
  bcc: Copies('The same; nobody else sees them.'),
  subject: optional(998, 'One line.'),
  body: optional(1_000_000, 'HTML, or plain text.'),
  attachments: Type.Optional(AttachmentInputs),
  scheduledAt: SCHEDULED_AT,
})

/** Of a message over the channel that it names. */
export const AnySendBody = Type.Object({
  channel: ChannelText,
  ...Type.Omit(EmailFields, ['to']).properties,
  message: PhoneFields.message,
  from: PhoneFields.from,
})

/** Reads what is sent over the channel that it names. */
export function readAnySend({ channel, message, ...rest }: Static<typeof AnySendBody>) {
  const transport = readChannel(channel)
  const { from, scheduledAt, attachments, ...email } = rest
  const common = { scheduledAt, attachments }
  if (transport === 'email') return readEmail({ ...email, ...common, body: email.body ?? message ?? '' })
  return { transport, body: message ?? '', email: null, from, ...common }
}

type EmailBody = Static<typeof EmailFields>

/** A body that has tags in it is HTML; then the plain text is made of it. */
export function readEmail({ fromName, fromEmail, subject = '', body = '', cc, bcc, ...rest }: EmailBody) {
  const isHtml = /<(?:!doctype|[a-z][a-z0-9]*)\b[^>]*>/i.test(body)
  const copies = { cc: readCopies(cc), bcc: readCopies(bcc) }
  const email: EmailInput = { subject, fromName: fromName ?? null, html: isHtml ? body : null, ...copies }
  return { transport: 'email' as const, body: isHtml ? toText(body) : body, email, from: fromEmail, ...rest }
}

/** A list, or a text with commas between the addresses. */
function readCopies(given: string | string[] | undefined): string[] {
  const texts = Array.isArray(given) ? given : (given ?? '').split(',')
  const copies = texts.map((text) => text.trim()).filter((text) => text !== '')
  if (copies.length > COPIES_MAX) throw invalidField('cc', `must have at most ${COPIES_MAX} addresses`)
  return copies
}

const COPIES_MAX = 50
