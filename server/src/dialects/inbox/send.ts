import { type Static, Type } from 'typebox'
import type { UserActor } from '../../core/actor.ts'
import type { Context } from '../../core/context.ts'
import type { Transport } from '../../core/deliveries/carrier.ts'
import { type EmailInput, sendToContact } from '../../core/deliveries/send-to-contact.ts'
import { toText } from '../../core/email/to-text.ts'
import { invalidField } from '../../core/errors.ts'
import type { InboxApp } from './app.ts'
import { type AttachedFile, AttachmentInputs, keepAttachments } from './attachment-input.ts'
import { ChannelText, readChannel } from './channels.ts'
import { presentReply, ReplyOf } from './envelope.ts'
import { MessageObject, presentMessage } from './present-message.ts'
import { readWorkspaceId } from './workspace.ts'

const PATH = '/api/v1/conversations/:conversationId/messages'

/** With its attachments, which base64 makes a third longer. */
const BODY_BYTES_MAX = 40 * 1024 * 1024

/** @see docs/api/inbox.md#sending */
export function registerSendRoutes(app: InboxApp): void {
  for (const transport of ['sms', 'whatsapp'] as const) {
    app.post(`${PATH}/${transport}`, { schema: schemas[transport], bodyLimit: BODY_BYTES_MAX }, async (req, reply) => {
      const { message, ...rest } = req.body
      const key = { ...req.params, workspaceId: await readWorkspaceId(req) }
      return reply.code(201).send(await send(req.ctx, { ...key, ...rest, transport, body: message ?? '', email: null }))
    })
  }

  app.post(`${PATH}/email`, { schema: schemas.email, bodyLimit: BODY_BYTES_MAX }, async (req, reply) => {
    const key = { ...req.params, workspaceId: await readWorkspaceId(req) }
    return reply.code(201).send(await send(req.ctx, { ...key, ...readEmail(req.body) }))
  })

  app.post(PATH, { schema: schemas.generic, bodyLimit: BODY_BYTES_MAX }, async (req, reply) => {
    const key = { ...req.params, workspaceId: await readWorkspaceId(req) }
    const { channel, message, ...rest } = req.body
    const transport = readChannel(channel)
    const input =
      transport === 'email'
        ? readEmail({ ...rest, body: rest.body ?? message ?? '' })
        : { ...rest, transport, body: message ?? '', email: null }
    return reply.code(201).send(await send(req.ctx, { ...key, ...input }))
  })
}

type Send = {
  workspaceId: string
  conversationId: string
  transport: Transport
  body: string
  email: EmailInput | null
  to?: string | undefined
  from?: string | undefined
  attachments?: AttachedFile[] | undefined
}

async function send(ctx: Context<UserActor>, { attachments = [], to, from, ...input }: Send) {
  await ctx.ports.limits.consume('sends', ctx.actor.id)
  const fileIds = await keepAttachments(ctx, attachments)
  const { message, delivery } = await sendToContact(ctx, { ...input, to: to ?? null, from: from ?? null, fileIds })
  const { files } = ctx.ports
  // What one sends is not sent by the contact.
  const shown = presentMessage({ message, delivery, transport: delivery.transport }, { contactName: '', files })
  return presentReply(shown, 'The message is on its way.')
}

type EmailBody = Omit<Static<typeof EmailFields>, 'scheduledAt'>

/** A body that has tags in it is HTML; then the plain text is made of it. */
function readEmail({ fromName, fromEmail, subject = '', body = '', cc, bcc, to, attachments }: EmailBody) {
  const isHtml = /<(?:!doctype|[a-z][a-z0-9]*)\b[^>]*>/i.test(body)
  const copies = { cc: readCopies(cc), bcc: readCopies(bcc) }
  const email: EmailInput = { subject, fromName: fromName ?? null, html: isHtml ? body : null, ...copies }
  return { transport: 'email' as const, body: isHtml ? toText(body) : body, email, to, from: fromEmail, attachments }
}

/** A list, or a text with commas between the addresses. */
function readCopies(given: string | string[] | undefined): string[] {
  const texts = Array.isArray(given) ? given : (given ?? '').split(',')
  const copies = texts.map((text) => text.trim()).filter((text) => text !== '')
  if (copies.length > COPIES_MAX) throw invalidField('cc', `must have at most ${COPIES_MAX} addresses`)
  return copies
}

const COPIES_MAX = 50

const text = (maxLength: number, description: string) => Type.String({ maxLength, description })
const optional = (maxLength: number, description: string) => Type.Optional(text(maxLength, description))

const PhoneFields = {
  message: optional(20_000, 'The text; may be missing beside attachments.'),
  from: optional(64, 'A number of the workspace; its default one where it is missing.'),
  to: optional(64, 'A number of the contact, or a new one of theirs, in E.164; their primary one where it is missing.'),
  attachments: Type.Optional(AttachmentInputs),
}

const Copies = (description: string) =>
  Type.Optional(
    Type.Union([Type.Array(Type.String({ maxLength: 320 }), { maxItems: 100 }), Type.String({ maxLength: 20_000 })], {
      description,
    }),
  )

const EmailFields = Type.Object({
  fromName: optional(255, 'What people see as the sender.'),
  fromEmail: optional(320, 'A mailbox of the workspace; its default one where it is missing.'),
  to: optional(320, 'An email address of the contact, or a new one of theirs; their primary one where it is missing.'),
  cc: Copies('A list, or addresses with commas between them.'),
  bcc: Copies('The same; nobody else sees them.'),
  subject: optional(998, 'One line.'),
  body: optional(1_000_000, 'HTML, or plain text.'),
  attachments: Type.Optional(AttachmentInputs),
})

const params = Type.Object({ conversationId: Type.String({ format: 'uuid', description: 'The conversation.' }) })
const response = { 201: ReplyOf(MessageObject, 'The message, as it was written. It is `queued` until it has left.') }
const common = { tags: ['Messages'], params, response }

const schemas = {
  sms: { ...common, operationId: 'sendSms', summary: 'Send an SMS, or an MMS', body: Type.Object(PhoneFields) },
  whatsapp: {
    ...common,
    operationId: 'sendWhatsapp',
    summary: 'Send a WhatsApp message: within 24 hours of the person’s last one',
    body: Type.Object(PhoneFields),
  },
  email: { ...common, operationId: 'sendEmail', summary: 'Send an email', body: EmailFields },
  generic: {
    ...common,
    operationId: 'sendMessage',
    summary: 'Send a message to the contact’s primary address of a channel',
    body: Type.Object({
      channel: ChannelText,
      ...Type.Omit(EmailFields, ['to', 'attachments']).properties,
      message: PhoneFields.message,
      from: PhoneFields.from,
      attachments: Type.Optional(AttachmentInputs),
    }),
  },
}
