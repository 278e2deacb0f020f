import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ErrorKind } from '../../core/errors.ts'
import { type Failure, readFailure } from '../../http/failure.ts'
import type { Logger } from '../../platform/log.ts'

// A new kind in the catalogue stops this file from compiling until it has a status here.
const STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  too_large: 413,
  unprocessable: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} satisfies Record<ErrorKind, number>

const INTERNAL: Failure = {
  code: 'internal',
  message: 'Something went wrong on our side.',
  kind: 'internal',
  status: undefined,
  headers: {},
}

// The core's words for fields, beside those of this dialect.
const FIELDS: Record<string, string> = {
  workspace_id: 'X-Workspace-Id',
  conversation_id: 'conversationId',
  contact_id: 'contactId',
  user_id: 'userId',
  name: 'fullName',
  avatar_url: 'profile',
  owner_id: 'ownerId',
  follower_ids: 'followers',
  unread_count: 'unreadCount',
  scheduled_at: 'scheduledAt',
  schedule_id: 'messageId',
  manual_action_id: 'manualActionId',
  assigned_to: 'assignedTo',
}

/** Answers in this dialect's shape: `{"success": false, "message", "error": {"code", "details"}}`. */
export function createErrorHandler(log: Logger) {
  return (error: unknown, req: FastifyRequest, reply: FastifyReply) => {
    const failure = readFailure(error) ?? INTERNAL
    if (failure.kind === 'internal') {
      log.error({ err: error, request_id: req.id, route: req.routeOptions.url }, 'a request failed')
    }
    return reply.code(statusOf(failure)).headers(failure.headers).send(presentFailure(failure))
  }
}

export const FailureObject = Type.Object({
  success: Type.Literal(false),
  message: Type.String({ description: 'What went wrong, for people. May change.' }),
  error: Type.Object({
    code: Type.String({ description: 'The same for programs; docs/errors.md lists them.' }),
    details: Type.Array(Type.Object({ field: Type.String(), message: Type.String() }), {
      description: 'Each field that is wrong, and how; `followers.0` for a member of an array.',
    }),
    existingId: Type.Optional(Type.String({ description: 'What is there already, and stands in the way.' })),
  }),
})

export function statusOf({ status, kind }: Failure): number {
  return status ?? STATUS[kind ?? 'internal']
}

export function presentFailure({ code, message, param, fields, existingId }: Failure) {
  const problems = fields ?? (param === undefined ? {} : { [param]: [message] })
  const details = Object.entries(problems).flatMap(([name, texts]) =>
    texts.map((text) => ({ field: wireName(name), message: text })),
  )
  return {
    success: false as const,
    message,
    error: { code, details, ...(existingId !== undefined && { existingId }) },
  }
}

/** Of `contact.follower_ids.0`, too. */
function wireName(field: string): string {
  return field
    .split('.')
    .map((name) => FIELDS[name] ?? name)
    .join('.')
}
