import { RefusedAddressError } from './guarded-connector.ts'

const CODES: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ENOTFOUND: 'the host name has no address',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_OVERFLOW: 'the headers of the answer are too large',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'the connection was closed',
}

const CAUSES_MAX = 5

/** What went wrong with a request, in words that tell the receiver's owner what to look at and others nothing. */
export function explainHttpError(error: unknown): string {
  let cause = error
  for (let depth = 0; depth < CAUSES_MAX && cause instanceof Error; depth++) {
    if (cause instanceof RefusedAddressError) return cause.message
    if (cause.name === 'TimeoutError') return 'no answer in time'
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
    const known = CODES[code]
    if (known !== undefined) return known
    if (cause.name === 'HTTPParserError') return 'the answer is not HTTP'
    if (/^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) return `TLS failed: ${code}`
    if (cause.message === 'the host name has no address') return cause.message
    cause = cause instanceof AggregateError ? cause.errors[0] : cause.cause
  }
  return 'the request failed'
}
