import { type Static, Type } from 'typebox'
import { SCHEDULE_STATUSES, type Schedule } from '../../core/schedules/schema.ts'
import { ChannelText, presentChannel } from './channels.ts'
import type { MessageJson } from './present-message.ts'

const text = (description: string) => Type.String({ description })
const time = (description: string) => Type.String({ format: 'date-time', description })

export const ScheduleObject = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'The scheduled message: another id than that of what is sent.' }),
    conversationId: Type.String({ format: 'uuid', description: 'Its conversation.' }),
    sender: Type.String({ format: 'uuid', description: 'The member in whose name it is sent.' }),
    channel: ChannelText,
    message: text('The text; of an email the plain one.'),
    subject: Type.Optional(text('Of an email.')),
    to: Type.Optional(text('Where it goes; the primary address of the moment where it is missing.')),
    scheduledAt: time('When it is sent.'),
    status: Type.Enum([...SCHEDULE_STATUSES], {
      description: '`sent`: it is written and on its way; `failed`: it was refused when it was due, and was not sent.',
    }),
    messageId: Type.Optional(Type.String({ format: 'uuid', description: 'The message, once it is sent.' })),
    errorCode: Type.Optional(text('Why it was not sent, for programs.')),
    errorMessage: Type.Optional(text('The same for people.')),
    createdAt: time('When it was scheduled.'),
  },
  { description: 'A message that is sent later.' },
)

export function presentSchedule(schedule: Schedule): Static<typeof ScheduleObject> {
  const { id, conversationId, authorUserId, transport, body, subject, to, scheduledAt, status, createdAt } = schedule
  const { messageId, errorCode, errorReason } = schedule
  return {
    id,
    conversationId,
    sender: authorUserId,
    channel: presentChannel(transport),
    message: body,
    ...(subject !== null && { subject }),
    ...(to !== null && { to }),
    scheduledAt,
    status,
    ...(messageId !== null && { messageId }),
    ...(errorCode !== null && { errorCode }),
    ...(errorReason !== null && { errorMessage: errorReason }),
    createdAt,
  }
}

/** As the send routes answer, which show messages. */
export function presentScheduledMessage(schedule: Schedule): MessageJson {
  const { id, conversationId, authorUserId, transport, body, subject, scheduledAt } = schedule
  return {
    id,
    conversationId,
    sender: authorUserId,
    senderType: 'user',
    message: body,
    channel: presentChannel(transport),
    timestamp: scheduledAt,
    scheduledAt,
    status: 'scheduled',
    ...(subject !== null && { metadata: { subject } }),
  }
}
