import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type ErrorCode, type ErrorKind, type FieldProblems, IS_REQUIRED } from '../../core/errors.ts'
import { type Failure, readFailure } from '../../http/failure.ts'
import type { Logger } from '../../platform/log.ts'
import { presentId } from './ids.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the request was refused, where it was. */
    refusal: Failure['code'] | undefined
  }
}

// A new kind in the catalogue stops this file from compiling until it has a status and a type here.
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

const TYPES: Record<ErrorKind, string> = {
  invalid: 'invalid_request_error',
  unauthenticated: 'authentication_error',
  forbidden: 'permission_error',
  not_found: 'invalid_request_error',
  conflict: 'invalid_request_error',
  gone: 'invalid_request_error',
  too_large: 'invalid_request_error',
  unprocessable: 'invalid_request_error',
  rate_limited: 'rate_limit_error',
  internal: 'api_error',
  unavailable: 'api_error',
}

const IDEMPOTENCY_CODES = new Set<string>(['idempotency_key_reused', 'idempotency_key_in_use'] satisfies ErrorCode[])

// What callers of this API know under other words than the core's.
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  missing_authorization: 'Unauthorized - Missing or invalid Authorization header',
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

const CODES: Partial<Record<ErrorCode, string>> = {
  contact_email_taken: 'email_taken',
  general_conversation_exists: 'channel_exists',
  general_conversation_fixed: 'general_channel_fixed',
  conversation_name_taken: 'channel_name_taken',
}

// The core's words for fields, beside those of this dialect.
const FIELDS: Record<string, string> = {
  conversation_id: 'channel_uuid',
  contact_id: 'sender_uuid',
  contact_ids: 'customer_uuids',
  body: 'content',
}

function wireName(field: string): string {
  return FIELDS[field] ?? field
}

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
    req.refusal = failure.code
    if (failure.kind === 'internal') {
      log.error({ err: error, request_id: req.id, route: req.routeOptions.url }, 'a request failed')
    }
    return reply.code(statusOf(failure)).headers(failure.headers).send(presentFailure(failure))
  }
}

export const FailureObject = Type.Object({
  error: Type.Object({
    type: Type.String({ description: 'The kind of the error: what a program should do about it.' }),
    code: Type.String({ description: 'What went wrong, for programs; docs/errors.md lists them.' }),
    message: Type.String({ description: 'The same for people. May change.' }),
    param: Type.Optional(Type.String({ description: 'The first parameter that is wrong.' })),
    existing: Type.Optional(Type.String({ description: 'What is there already, and stands in the way.' })),
  }),
  errors: Type.Optional(
    Type.Record(Type.String(), Type.Array(Type.String()), { description: 'Every parameter that is wrong, and how.' }),
  ),
})

export function statusOf({ status, kind }: Failure): number {
  return status ?? STATUS[kind ?? 'internal']
}

export function presentFailure(failure: Failure) {
  const { code, message, existingId } = failure
  const type = IDEMPOTENCY_CODES.has(code) ? 'idempotency_error' : typeOf(failure)
  if (code === 'invalid_request') return presentProblems(type, failure)
  const shown = failure.kind === 'not_found' ? 'resource_missing' : (CODES[code as ErrorCode] ?? code)
  const text = MESSAGES[code as ErrorCode] ?? message
  const param = failure.kind === 'unprocessable' && failure.param !== undefined ? wireName(failure.param) : undefined
  return {
    error: {
      type,
      code: shown,
      message: text,
      ...(param !== undefined && { param }),
      ...(existingId !== undefined && { existing: presentId('channel', existingId) }),
    },
    ...(param !== undefined && { errors: { [param]: [text] } }),
  }
}

function typeOf({ kind, status }: Failure): string {
  // What failed before any operation is the caller's request.
  return kind === undefined && status !== undefined ? 'invalid_request_error' : TYPES[kind ?? 'internal']
}

/** A missing parameter comes first: it is what callers who have just begun do wrong. */
function presentProblems(type: string, { fields, message, param }: Failure) {
  const given: FieldProblems = fields ?? (param === undefined ? {} : { [param]: [message] })
  const problems = Object.fromEntries(Object.entries(given).map(([field, texts]) => [wireName(field), texts]))
  const names = Object.keys(problems)
  const missing = names.find((name) => problems[name]!.includes(IS_REQUIRED))
  const first = missing ?? names[0]
  const error = {
    type,
    code: missing === undefined ? 'parameter_invalid' : 'parameter_missing',
    message: describe(problems, first, missing !== undefined) ?? message,
    ...(first !== undefined && { param: first }),
  }
  return names.length === 0 ? { error } : { error, errors: sentences(problems) }
}

function describe(problems: FieldProblems, name: string | undefined, isMissing: boolean): string | undefined {
  if (name === undefined) return undefined
  return isMissing ? `Missing required parameter: ${name}` : `Invalid parameter: ${name} ${problems[name]![0]}`
}

// Complete in themselves, since programs show them beside a field or in a list of their own.
function sentences(problems: FieldProblems): Record<string, string[]> {
  const entries = Object.entries(problems)
  return Object.fromEntries(entries.map(([name, texts]) => [name, texts.map((text) => `The ${name} field ${text}.`)]))
}
