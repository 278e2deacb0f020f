import type { IncomingHttpHeaders } from 'node:http'
import type { Carrier, Handover } from '../../core/deliveries/carrier.ts'
import { createVendorHttp, isFailure, readRetryAfterMs, type VendorAnswer } from '../../platform/http/vendor-http.ts'
import { explainRefusal, isAboutSender, isFromApi } from './explain-refusal.ts'
import { buildMail } from './mail-body.ts'

export type SendgridOptions = {
  /** `https://api.sendgrid.com`, or `https://api.eu.sendgrid.com` for accounts in the EU. */
  baseUrl: string
  apiKey: string
  /** For a whole request, in milliseconds; a minute unless said, because an email may have 30 MB. */
  timeoutMs?: number
}

const TIMEOUT_MS = 60_000
const ANSWER_BYTES_MAX = 65_536
const WAIT_MS_MAX = 3_600_000
const CARRIER_ID_CHARACTERS_MAX = 200

/**
 * Carries emails by SendGrid's v3 API. What it reports names our delivery, in the custom argument `delivery`. It cannot be
 * asked what it has: the Email Activity API is an add-on, some minutes behind, so an unknown handover waits for a report.
 */
export function createSendgridCarrier({ baseUrl, apiKey, timeoutMs = TIMEOUT_MS }: SendgridOptions): Carrier {
  const http = createVendorHttp({ baseUrl, timeoutMs, answerBytesMax: ANSWER_BYTES_MAX })
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', accept: 'application/json' }
  return {
    name: 'sendgrid',
    transports: ['email'],
    async handOver(message, signal) {
      const mail = await buildMail(message, signal)
      if ('problem' in mail) {
        return { outcome: 'refused', isFinal: mail.isFinal, code: mail.code, reason: mail.problem, retryAfterMs: null }
      }
      const request = { method: 'POST', path: '/v3/mail/send', headers, body: JSON.stringify(mail), signal } as const
      const answer = await http.send(request)
      if (!isFailure(answer)) return judge(answer, message.email!.messageId)
      const reason = `SendGrid did not answer: ${answer.failure}.`
      if (answer.wasWritten) return { outcome: 'unknown', code: 'no_answer', reason }
      return { outcome: 'refused', isFinal: false, code: 'not_reached', reason, retryAfterMs: null, isDown: true }
    },
    find: async () => undefined,
    close: () => http.close(),
  }
}

/** @see https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses */
function judge(answer: VendorAnswer, messageId: string): Handover {
  const { status, headers, body } = answer
  if (status >= 200 && status < 300) {
    // The status says it all: a body that broke off takes nothing back. 200 is the answer of SendGrid's sandbox mode.
    const carrierId = headerOf(headers, 'x-message-id')?.slice(0, CARRIER_ID_CHARACTERS_MAX) ?? messageId
    return { outcome: 'accepted', carrierId, carrierStatus: 'accepted' }
  }
  const code = `http_${status}`
  const reason = explainRefusal(status, body)
  // A 5xx is "an error made by SendGrid" while it worked on a request that was valid: it may follow the queueing, and a 502 or
  // 504 only says that the gateway heard nothing. A 503 of the API itself says that the API is not available, so nothing was
  // taken; one without SendGrid's JSON may be a proxy's word for a connection that broke under a request it had passed on.
  const isSurelyRefused = status < 500 || (status === 503 && isFromApi(body))
  if (!isSurelyRefused) return { outcome: 'unknown', code, reason }
  return { outcome: 'refused', isFinal: isFinal(status, body), code, reason, retryAfterMs: waitOf(status, headers) }
}

/**
 * What is wrong with the email stays wrong. What is wrong with the account, its key, its credits, the address of the API or
 * the moment can be put right while the email waits.
 */
function isFinal(status: number, body: string): boolean {
  if (status === 403) return isAboutSender(body)
  return status === 400 || status === 413 || status === 415 || status === 422
}

/** @see https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits */
function waitOf(status: number, headers: IncomingHttpHeaders): number | null {
  const asked = readRetryAfterMs(headers)
  if (asked !== null || status !== 429) return asked
  const resetSeconds = Number(headerOf(headers, 'x-ratelimit-reset') ?? Number.NaN)
  if (!Number.isFinite(resetSeconds)) return null
  return Math.min(Math.max(resetSeconds * 1_000 - Date.now(), 0), WAIT_MS_MAX)
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  const text = (Array.isArray(value) ? value[0] : value)?.trim()
  return text === '' ? undefined : text
}
