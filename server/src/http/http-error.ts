/** Failures of the request itself, before any operation: they have a status in every dialect, and no domain. */
export const HTTP_ERRORS = {
  malformed_json: { status: 400, message: 'The body is not valid JSON in UTF-8.' },
  bad_request: { status: 400, message: 'The request cannot be understood.' },
  route_not_found: { status: 404, message: 'There is nothing at this path.' },
  method_not_allowed: { status: 405, message: 'This path does not have this method: see the Allow header.' },
  body_too_large: { status: 413, message: 'The body is larger than the limit.' },
  unsupported_media_type: { status: 415, message: 'Send JSON, with the header Content-Type: application/json.' },
} as const

export type HttpErrorCode = keyof typeof HTTP_ERRORS

export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: HttpErrorCode
  readonly status: number
  readonly headers: Record<string, string>

  constructor(code: HttpErrorCode, headers: Record<string, string> = {}) {
    super(HTTP_ERRORS[code].message)
    this.code = code
    this.status = HTTP_ERRORS[code].status
    this.headers = headers
  }
}
