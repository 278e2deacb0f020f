import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ErrorKind } from '../../core/errors.ts'
import { type Failure, readFailure } from '../../http/failure.ts'
import type { Logger } from '../../platform/log.ts'

// A new kind in the catalogue stops this file from compiling until it has a status here.
export const STATUS = {
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

/** Answers in team-chat's shape: `{"error": {"code", "message", "fields"?}}`. */
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
  error: Type.Object({
    code: Type.String({ description: 'What went wrong, for programs; docs/errors.md lists them.' }),
    message: Type.String({ description: 'The same for people. May change.' }),
    fields: Type.Optional(
      Type.Record(Type.String(), Type.Array(Type.String()), { description: 'Which fields are wrong, and how.' }),
    ),
  }),
})

export function statusOf({ status, kind }: Failure): number {
  return status ?? STATUS[kind ?? 'internal']
}

export function presentFailure({ code, message, param, fields }: Failure) {
  const named = fields ?? (param === undefined ? undefined : { [wireName(param)]: [message] })
  return { error: { code: CODES[code] ?? code, message, ...(named && { fields: named }) } }
}

// The core speaks of conversations and participants where this dialect speaks of channels and their members.
const CODES: Record<string, string> = {
  conversation_not_found: 'channel_not_found',
  already_participant: 'already_channel_member',
  participant_not_found: 'channel_member_not_found',
}

function wireName(param: string): string {
  return param === 'conversation_id' ? 'channel_id' : param
}
