import { Type } from 'typebox'
import { cancelSchedule } from '../../core/schedules/cancel-schedule.ts'
import { getSchedule } from '../../core/schedules/get-schedule.ts'
import { listSchedules } from '../../core/schedules/list-schedules.ts'
import { SCHEDULE_STATUSES } from '../../core/schedules/schema.ts'
import type { InboxApp } from './app.ts'
import { PageQuery, PagesOf, presentPages, presentReply, ReplyOf } from './envelope.ts'
import { presentSchedule, ScheduleObject } from './present-schedule.ts'
import { SEND_BYTES_MAX, scheduleSend } from './send.ts'
import { AnySendBody, readAnySend } from './send-input.ts'
import { readWorkspaceId } from './workspace.ts'

const CONVERSATION = '/api/v1/conversations/:conversationId'
const PATH = '/api/v1/scheduled-messages/:messageId'

/** @see docs/api/inbox.md#scheduling */
export function registerScheduleRoutes(app: InboxApp): void {
  const options = { schema: schemas.create, bodyLimit: SEND_BYTES_MAX }
  app.post(`${CONVERSATION}/messages/schedule`, options, async (req, reply) => {
    const { scheduledAt, to, ...body } = req.body
    const key = { ...req.params, workspaceId: await readWorkspaceId(req) }
    const schedule = await scheduleSend(req.ctx, { ...key, ...readAnySend(body), to, scheduledAt })
    return reply.code(201).send(presentReply(presentSchedule(schedule), 'The message is scheduled.'))
  })

  app.get(`${CONVERSATION}/scheduled-messages`, { schema: schemas.list }, async (req) => {
    const key = { ...req.params, workspaceId: await readWorkspaceId(req) }
    return presentPages(await listSchedules(req.ctx, { ...key, ...req.query }), req.query, presentSchedule)
  })

  app.get(PATH, { schema: schemas.get }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    return presentReply(presentSchedule(await getSchedule(req.ctx, { workspaceId, scheduleId: req.params.messageId })))
  })

  app.delete(PATH, { schema: schemas.cancel }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    const schedule = await cancelSchedule(req.ctx, { workspaceId, scheduleId: req.params.messageId })
    return presentReply(presentSchedule(schedule), 'The message is cancelled.')
  })
}

const tags = ['Scheduled messages']
const ofConversation = Type.Object({
  conversationId: Type.String({ format: 'uuid', description: 'The conversation.' }),
})
const params = Type.Object({ messageId: Type.String({ format: 'uuid', description: 'The scheduled message.' }) })
const OneSchedule = ReplyOf(ScheduleObject, 'The scheduled message.')

const schemas = {
  create: {
    operationId: 'scheduleMessage',
    summary: 'Send a message later, at most a year ahead',
    tags,
    params: ofConversation,
    body: Type.Object({
      ...AnySendBody.properties,
      to: Type.Optional(
        Type.String({ maxLength: 320, description: 'As in the send routes; the primary address where it is missing.' }),
      ),
      scheduledAt: Type.String({ maxLength: 64, description: 'ISO 8601, in the future; UTC where it names no zone.' }),
    }),
    response: { 201: OneSchedule },
  },
  list: {
    operationId: 'listScheduledMessages',
    summary: 'The scheduled messages of a conversation, in the order in which they were made',
    tags,
    params: ofConversation,
    querystring: Type.Object({
      status: Type.Optional(Type.Enum([...SCHEDULE_STATUSES], { description: 'All where it is missing.' })),
      ...PageQuery,
    }),
    response: { 200: PagesOf(ScheduleObject, 'Scheduled messages.') },
  },
  get: {
    operationId: 'getScheduledMessage',
    summary: 'One scheduled message, whatever became of it',
    tags,
    params,
    response: { 200: OneSchedule },
  },
  cancel: {
    operationId: 'cancelScheduledMessage',
    summary: 'Cancel a scheduled message; one that is sent, or being sent, is a conflict',
    tags,
    params,
    response: { 200: OneSchedule },
  },
}
