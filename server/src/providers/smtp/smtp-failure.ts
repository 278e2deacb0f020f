import type { Handover } from '../../core/deliveries/carrier.ts'

/** What nodemailer's connection says of a failure. */
type SmtpError = { code: string; originalCode: string; command: string; responseCode: number; response: string }

const RESPONSE_CHARACTERS_MAX = 500

const WORDS: Record<string, string> = {
  EAUTH: 'it does not take the user name and password of PARLANCE_SMTP_URL',
  EDNS: 'its host name has no address',
  ETLS: 'TLS failed',
  ETIMEDOUT: 'it took too long',
  ECONNECTION: 'the connection was closed',
  ESOCKET: 'the connection failed',
  EMESSAGE: 'the email is larger than it takes',
  EENVELOPE: 'an address cannot be used',
}

/**
 * How a handover ended that failed. An answer of the server decides, whenever it comes: 4xx can be tried again, 5xx cannot
 * (RFC 5321, 4.2.1). Without one it depends on whether the dot that ends the message may have gone out: before it a server
 * has nothing that it could deliver, after it nobody knows (RFC 1047).
 */
export function judgeFailure(error: unknown, mayHaveEnded: boolean): Handover {
  const failure = readError(error)
  const reason = explain(failure)
  const refused = (isFinal: boolean, code: string): Handover => {
    return { outcome: 'refused', isFinal, code, reason, retryAfterMs: null }
  }
  const { code, command, responseCode } = failure
  if (responseCode >= 400 && responseCode < 600) {
    // Before MAIL FROM the server speaks of us, not of this email: a password or a list of addresses can be put right.
    const isAboutMail = /^(MAIL|RCPT|DATA)/.test(command)
    return refused(responseCode >= 500 && isAboutMail, `smtp_${responseCode}`)
  }
  if (mayHaveEnded) return { outcome: 'unknown', code: 'no_answer', reason }
  // nodemailer's own: the message is larger than the server announced, or an address is none.
  if (code === 'EMESSAGE') return refused(true, 'too_large')
  if (code === 'EENVELOPE') return refused(true, 'invalid_address')
  return { outcome: 'refused', isFinal: false, code: 'not_reached', reason, retryAfterMs: null, isDown: true }
}

/** Whether a connection that was kept had been given up by the server: it may be tried on a new one. */
export function isLostConnection(error: unknown): boolean {
  const { code, responseCode } = readError(error)
  return responseCode === 421 || (responseCode === 0 && (code === 'ECONNECTION' || code === 'ESOCKET'))
}

export function firstRejection(errors: readonly unknown[] | undefined, recipient: string): unknown {
  return errors?.find((error) => error instanceof Error && 'recipient' in error && error.recipient === recipient)
}

function explain({ code, originalCode, response }: SmtpError): string {
  const words = WORDS[code] ?? 'the request was broken off'
  const isAboutUs = code === 'EAUTH' || code === 'ETLS'
  if (response !== '') return `The mail server says: ${response}${isAboutUs ? ` (${words})` : ''}`
  return `The mail server could not be used: ${words}${originalCode === '' ? '' : ` (${originalCode})`}.`
}

function readError(error: unknown): SmtpError {
  const fields: Record<string, unknown> = error instanceof Error ? { ...error } : {}
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '')
  const isTimeout = error instanceof Error && error.name === 'TimeoutError'
  return {
    code: isTimeout ? 'ETIMEDOUT' : text('code'),
    originalCode: text('originalCode'),
    command: text('command'),
    responseCode: typeof fields.responseCode === 'number' ? fields.responseCode : 0,
    response: text('response').replace(/\s+/g, ' ').trim().slice(0, RESPONSE_CHARACTERS_MAX),
  }
}
