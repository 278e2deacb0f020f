import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { UserActor } from '../../core/actor.ts'
import type { Context } from '../../core/context.ts'
import type { Transport } from '../../core/deliveries/carrier.ts'
import type { EmailInput } from '../../core/deliveries/outgoing-input.ts'
import { sendToContact } from '../../core/deliveries/send-to-contact.ts'
import { AppError } from '../../core/errors.ts'
import { scheduleMessage } from '../../core/schedules/schedule-message.ts'
import type { Schedule } from '../../core/schedules/schema.ts'
import type { InboxApp } from './app.ts'
import { type AttachedFile, keepAttachments } from './attachment-input.ts'
import { presentReply, ReplyOf } from './envelope.ts'
import { MessageObject, presentMessage } from './present-message.ts'
import { presentScheduledMessage } from './present-schedule.ts'
import { AnySendBody, EmailFields, PhoneFields, readAnySend, readEmail } from './send-input.ts'
import { readWorkspaceId } from './workspace.ts'

const PATH = '/api/v1/conversations/:conversationId/messages'

/** With its attachments, which base64 makes a third longer. */
export const SEND_BYTES_MAX = 40 * 1024 * 1024

/** @see docs/api/inbox.md#sending */
export function registerSendRoutes(app: InboxApp): void {
  for (const transport of ['sms', 'whatsapp'] as const) {
    app.post(`${PATH}/${transport}`, { schema: schemas[transport], bodyLimit: SEND_BYTES_MAX }, async (req, reply) => {
      const { message, ...rest } = req.body
      const key = await readKey(req)
      return reply.code(201).send(await send(req.ctx, { ...key, ...rest, transport, body: message ?? '', email: null }))
    })
  }

  app.post(`${PATH}/email`, { schema: schemas.email, bodyLimit: SEND_BYTES_MAX }, async (req, reply) => {
    const key = await readKey(req)
    return reply.code(201).send(await send(req.ctx, { ...key, ...readEmail(req.body) }))
  })

  app.post(PATH, { schema: schemas.generic, bodyLimit: SEND_BYTES_MAX }, async (req, reply) => {
    const key = await readKey(req)
    return reply.code(201).send(await send(req.ctx, { ...key, ...readAnySend(req.body) }))
  })
}

type Sending = Pick<FastifyRequest, 'ctx' | 'headers'> & { params: { conversationId: string } }

async function readKey(req: Sending) {
  const given = req.headers['idempotency-key']
  const clientId = typeof given === 'string' && given !== '' ? `key ${given}` : null
  return { ...req.params, clientId, workspaceId: await readWorkspaceId(req) }
}

type Send = {
  /** Names the message for its sender: a crash between the message and the kept reply must not send it twice. */
  clientId?: string | null
  workspaceId: string
  conversationId: string
  transport: Transport
  body: string
  email: EmailInput | null
  to?: string | undefined
  from?: string | undefined
  attachments?: AttachedFile[] | undefined
  /** At once where it is missing. */
  scheduledAt?: string | undefined
}

async function send(ctx: Context<UserActor>, { scheduledAt, ...input }: Send) {
  if (scheduledAt !== undefined) {
    const schedule = await scheduleSend(ctx, { ...input, scheduledAt })
    return presentReply(presentScheduledMessage(schedule), 'The message is scheduled.')
  }
  const outgoing = await readOutgoing(ctx, input)
  const { message, delivery } = await inOwnWords(input.transport, () => sendToContact(ctx, outgoing))
  const { files } = ctx.ports
  // What one sends is not sent by the contact.
  const shown = presentMessage({ message, delivery, transport: delivery.transport }, { contactName: '', files })
  return presentReply(shown, 'The message is on its way.')
}

/** The same at a later time. */
export async function scheduleSend(
  ctx: Context<UserActor>,
  { scheduledAt, clientId: _, ...input }: Send & { scheduledAt: string },
): Promise<Schedule> {
  const outgoing = await readOutgoing(ctx, input)
  return inOwnWords(input.transport, () => scheduleMessage(ctx, { ...outgoing, scheduledAt }))
}

async function readOutgoing(ctx: Context<UserActor>, { attachments = [], to, from, ...input }: Send) {
  await ctx.ports.limits.consume('sends', ctx.actor.id)
  const fileIds = await keepAttachments(ctx, attachments)
  return { ...input, to: to ?? null, from: from ?? null, fileIds }
}

const PHONE_WORDS: Record<string, string> = { body: 'message' }
const EMAIL_WORDS: Record<string, string> = { from: 'fromEmail', from_name: 'fromName', html: 'body' }

/** Names fields that are wrong as the route that was asked calls them. */
async function inOwnWords<T>(transport: Transport, work: () => Promise<T>): Promise<T> {
  const words = transport === 'email' ? EMAIL_WORDS : PHONE_WORDS
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, param, fields } = error
    const named = fields && Object.entries(fields).map(([name, problems]) => [words[name] ?? name, problems])
    throw named === undefined
      ? new AppError(code, { ...error, param: param && (words[param] ?? param), cause: error })
      : new AppError(code, { fields: Object.fromEntries(named), cause: error })
  }
}

const params = Type.Object({ conversationId: Type.String({ format: 'uuid', description: 'The conversation.' }) })
const response = {
  201: ReplyOf(MessageObject, 'The message, as it was written. It is `queued` until it has left, `scheduled` before.'),
}
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
    body: AnySendBody,
  },
}
