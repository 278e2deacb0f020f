import { AppError, type ErrorCode, type ErrorKind, type FieldProblems } from '../core/errors.ts'
import { isConnectionError } from '../platform/database/errors.ts'
import { HttpError, type HttpErrorCode } from './http-error.ts'
import { listFieldProblems } from './validation.ts'

/** What went wrong, ready for a dialect to put into its own shape. */
export type Failure = {
  code: ErrorCode | HttpErrorCode
  message: string
  /** The domain's kind, or the status where the request failed before any operation. */
  kind: ErrorKind | undefined
  status: number | undefined
  param?: string | undefined
  fields?: FieldProblems | undefined
  existingId?: string | undefined
  headers: Record<string, string>
}

const FASTIFY_ERRORS: Record<string, HttpErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
  FST_ERR_BAD_URL: 'bad_request',
}

/** Turns whatever a route threw into a failure that may be shown; undefined where only we can be at fault. */
export function readFailure(error: unknown): Failure | undefined {
  if (error instanceof AppError) return fromAppError(error)
  if (error instanceof HttpError) return fromHttpError(error)
  if (isConnectionError(error)) return fromAppError(new AppError('unavailable', { retryAfterMs: 1_000 }))
  if (!(error instanceof Error)) return undefined
  if ('validation' in error) return fromAppError(new AppError('invalid_request', { fields: listFieldProblems(error) }))
  const code = 'code' in error && typeof error.code === 'string' ? FASTIFY_ERRORS[error.code] : undefined
  if (code !== undefined) return fromHttpError(new HttpError(code))
  const isCallersFault = 'statusCode' in error && Number(error.statusCode) >= 400 && Number(error.statusCode) < 500
  return isCallersFault ? fromHttpError(new HttpError('bad_request')) : undefined
}

function fromAppError({ code, message, kind, param, fields, existingId, retryAfterMs }: AppError): Failure {
  const headers: Record<string, string> = {}
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1_000))
  if (kind === 'unauthenticated') headers['www-authenticate'] = 'Bearer'
  return { code, message, kind, status: undefined, param, fields, existingId, headers }
}

function fromHttpError({ code, message, status, headers }: HttpError): Failure {
  return { code, message, kind: undefined, status, headers }
}
