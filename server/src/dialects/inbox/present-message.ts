import { type Static, Type } from 'typebox'
import { readArrival } from '../../core/contact-conversations/read-arrival.ts'
import type { TimelineMessage } from '../../core/contact-conversations/schema.ts'
import type { Delivery, DeliveryStatus } from '../../core/deliveries/schema.ts'
import type { FilesPort } from '../../core/files/file-urls.ts'
import type { Attachment } from '../../core/messages/schema.ts'
import { ChannelText, presentChannel } from './channels.ts'

const AttachmentObject = Type.Object({
  url: Type.String({
    description: 'Signed: good for an hour without signing in. A fresh one comes with every answer.',
  }),
  filename: Type.String(),
  contentType: Type.String(),
  size: Type.Integer({ description: 'Bytes.' }),
})

const MetadataObject = Type.Object({
  twilioMessageId: Type.Optional(Type.String({ description: 'Twilio’s SID, once it has the message.' })),
  twilioStatus: Type.Optional(Type.String({ description: 'The state in Twilio’s own word.' })),
  emailMessageId: Type.Optional(Type.String({ description: 'The Message-ID of an email.' })),
  subject: Type.Optional(Type.String({ description: 'Of an email.' })),
  errorCode: Type.Optional(Type.String({ description: 'Why it failed, for programs.' })),
  errorMessage: Type.Optional(Type.String({ description: 'The same for people, and what to do.' })),
  attachments: Type.Optional(Type.Array(AttachmentObject)),
})

// What somebody is shown must not go back: of `unknown` the carrier may yet say that it never had the message, and then it
// is sent again. What was cancelled is never sent.
const STATUSES = {
  queued: 'queued',
  sending: 'queued',
  unknown: 'queued',
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  failed: 'failed',
  cancelled: 'failed',
} as const satisfies Record<DeliveryStatus, string>

export const MessageObject = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'The message.' }),
    conversationId: Type.String({ format: 'uuid', description: 'Its conversation.' }),
    sender: Type.String({ description: 'The id of the user, `system`, or the name of the contact.' }),
    senderType: Type.Enum(['user', 'contact', 'system']),
    message: Type.String({ description: 'The text; empty once deleted. Of an email the plain one.' }),
    channel: ChannelText,
    timestamp: Type.String({ format: 'date-time', description: 'When it was sent, or arrived.' }),
    status: Type.Optional(
      Type.Enum(['scheduled', 'queued', 'sent', 'delivered', 'read', 'failed'], {
        description: 'Of what is sent to the contact. It stays `queued` while nobody knows whether the carrier has it.',
      }),
    ),
    scheduledAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'When it is sent, where that is later; `id` is then that of the scheduled message.',
      }),
    ),
    metadata: Type.Optional(MetadataObject),
  },
  { description: 'A message to a contact, or from them.' },
)

export type MessageJson = Static<typeof MessageObject>

export function presentMessage(
  { message, delivery, transport }: TimelineMessage,
  { contactName, files }: { contactName: string; files: FilesPort },
): MessageJson {
  const { id, conversationId, authorKind, authorId, body, createdAt, attachments } = message
  const metadata = {
    ...(delivery === null ? presentArrival(readArrival(message)) : presentDelivery(delivery)),
    ...(attachments.length > 0 && { attachments: attachments.map((one) => presentAttachment(one, files)) }),
  }
  return {
    id,
    conversationId,
    sender: { user: authorId, contact: contactName, client: 'system', system: 'system' }[authorKind],
    senderType: authorKind === 'client' ? 'system' : authorKind,
    message: body,
    channel: presentChannel(transport),
    timestamp: createdAt,
    ...(delivery && { status: STATUSES[delivery.status] }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}

function presentDelivery({ carrier, carrierId, carrierStatus, email, errorCode, errorReason }: Delivery) {
  return {
    ...(carrier === 'twilio' && carrierId !== null && { twilioMessageId: carrierId }),
    ...(carrier === 'twilio' && carrierStatus !== null && { twilioStatus: carrierStatus }),
    ...(email && { emailMessageId: email.messageId, subject: email.subject }),
    ...(errorCode !== null && { errorCode }),
    ...(errorReason !== null && { errorMessage: errorReason }),
  }
}

function presentArrival(arrival: ReturnType<typeof readArrival>) {
  if (arrival === undefined) return {}
  const { transport, carrier, carrierId, subject } = arrival
  return {
    ...(carrier === 'twilio' && carrierId && { twilioMessageId: carrierId, twilioStatus: 'received' }),
    // One that came without a Message-ID is known by a name of ours.
    ...(transport === 'email' && carrierId?.includes('@') && { emailMessageId: carrierId }),
    ...(transport === 'email' && subject && { subject }),
  }
}

function presentAttachment({ fileId, name, contentType, sizeBytes }: Attachment, files: FilesPort) {
  return { url: files.downloadUrl({ fileId, name }), filename: name, contentType, size: sizeBytes }
}
