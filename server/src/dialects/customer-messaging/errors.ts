import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type ErrorKind, type FieldProblems, MISSING } from '../../core/errors.ts'
import { type Failure, readFailure } from '../../http/failure.ts'
import type { Logger } from '../../platform/log.ts'
import { presentId } from './ids.ts'

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

/** Answers in this dialect's shape: `{"error": {"type", "code", "message", "param"?}, "errors"?}`. */
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
    type: Type.String({ description: 'Of what kind it is, such as `invalid_request_error`.' }),
    code: Type.String({ description: 'What went wrong, for programs; docs/errors.md lists them.' }),
    message: Type.String({ description: 'The same for people. May change, but for those of 401.' }),
    param: Type.Optional(Type.String({ description: 'The first field that is wrong.' })),
    existing: Type.Optional(Type.String({ description: 'What is there already, and stands in the way.' })),
  }),
  errors: Type.Optional(
    Type.Record(Type.String(), Type.Array(Type.String()), { description: 'Every field that is wrong, and how.' }),
  ),
})

export function statusOf({ status, kind }: Failure): number {
  return status ?? STATUS[kind ?? 'internal']
}

export function presentFailure(failure: Failure) {
  const { code, message, existingId } = failure
  const fields = namedFields(failure)
  const param = Object.keys(fields ?? {})[0]
  const isMissing = param !== undefined && fields?.[param]?.[0] === MISSING
  const error = {
    type: typeOf(failure),
    code: code === 'invalid_request' ? (isMissing ? 'parameter_missing' : 'parameter_invalid') : (CODES[code] ?? code),
    message: code === 'invalid_request' && param !== undefined ? explain(param, fields!) : (MESSAGES[code] ?? message),
    ...(param !== undefined && { param }),
    ...(existingId !== undefined && { existing: presentId('channel', existingId) }),
  }
  return { error, ...(fields && statusOf(failure) === 422 && { errors: fields }) }
}

function typeOf(failure: Failure): string {
  if (failure.code.startsWith('idempotency_')) return 'idempotency_error'
  const status = statusOf(failure)
  if (status >= 500) return 'api_error'
  return TYPES[status] ?? 'invalid_request_error'
}

const TYPES: Record<number, string> = { 401: 'authentication_error', 403: 'permission_error', 429: 'rate_limit_error' }

function namedFields({ code, fields, param, message }: Failure): FieldProblems | undefined {
  if (fields === undefined) return param === undefined ? undefined : { [wireName(param)]: [MESSAGES[code] ?? message] }
  return Object.fromEntries(Object.entries(fields).map(([field, problems]) => [wireName(field), problems]))
}

function explain(param: string, fields: FieldProblems): string {
  const problem = fields[param]?.[0] ?? 'is not valid'
  return problem === MISSING ? `Missing required parameter: ${param}` : `${param} ${problem}`
}

// The core's words beside those of this dialect.
const FIELDS: Record<string, string> = {
  conversation_id: 'channel_uuid',
  contact_id: 'sender_uuid',
  contact_ids: 'customer_uuids',
  body: 'content',
}

function wireName(field: string): string {
  return FIELDS[field] ?? field
}

const CODES: Record<string, string> = {
  contact_not_found: 'resource_missing',
  conversation_not_found: 'resource_missing',
  message_not_found: 'resource_missing',
  client_not_found: 'resource_missing',
  contact_email_taken: 'email_taken',
  general_conversation_exists: 'channel_exists',
  general_conversation_fixed: 'general_channel_fixed',
  conversation_name_taken: 'channel_name_taken',
}

const MESSAGES: Record<string, string> = {
  missing_client_token: 'Unauthorized - Missing or invalid Authorization header',
  missing_public_key: 'Unauthorized - Missing X-Public-Key header',
  unknown_public_key: 'Unauthorized - Invalid public key',
  invalid_client_token: 'Unauthorized - Invalid token for this client',
  expired_client_token: 'Unauthorized - Token expired',
  origin_not_allowed: 'Unauthorized - Invalid origin domain',
  address_not_allowed: 'Unauthorized - IP address not allowed',
  contact_not_found: 'Customer not found',
  conversation_not_found: 'Channel not found',
  message_not_found: 'Message not found',
  client_not_found: 'Client not found',
  contact_email_taken: 'Another customer has this email.',
  general_conversation_exists: 'A general channel already exists between these customers.',
  general_conversation_fixed: 'A general channel cannot be renamed.',
  conversation_name_taken: 'These customers have another channel with this name.',
}
