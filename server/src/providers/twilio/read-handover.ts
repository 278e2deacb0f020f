import type { Handover } from '../../core/deliveries/carrier.ts'
import { isFailure, readRetryAfterMs, type VendorAnswer, type VendorFailure } from '../../platform/http/vendor-http.ts'
import { explainError } from './error-codes.ts'
import { parseError, parseJson, parseMessage } from './message-resource.ts'

/** What became of a request that makes a message. */
export function readHandover(reply: VendorAnswer | VendorFailure): Handover {
  if (isFailure(reply)) return readFailure(reply)
  const { status } = reply
  if (status >= 200 && status < 300) return readMade(reply)
  if (isDoubtful(status)) return readDoubtful(reply)
  return readRefusal(reply)
}

function readFailure({ wasWritten, failure }: VendorFailure): Handover {
  if (wasWritten) return { outcome: 'unknown', code: 'no_answer', reason: `Twilio did not answer: ${failure}.` }
  const reason = `Twilio could not be reached: ${failure}.`
  return { outcome: 'refused', isFinal: false, code: 'not_reached', reason, retryAfterMs: null, isDown: true }
}

function readMade({ body, isWhole }: VendorAnswer): Handover {
  const message = isWhole ? parseMessage(parseJson(body)) : undefined
  if (message !== undefined) return { outcome: 'accepted', carrierId: message.sid, carrierStatus: message.status }
  // It says yes, but not to what: the message very likely exists, under an id that we do not have.
  const reason = isWhole ? 'Twilio’s answer is not one of its API.' : 'Twilio’s answer broke off.'
  return { outcome: 'unknown', code: 'broken_answer', reason }
}

/**
 * Twilio says of 500 that a POST that sends a message is not safe to repeat, as the person may get it twice; 502 and 504 are
 * of what stands before its API, which then does not know itself; 503 is documented as "try again", but not as never
 * processed, as 429 is. 408 is what such servers answer when time is over, whatever lies behind them did.
 * https://www.twilio.com/docs/api/errors/20500, https://www.twilio.com/docs/api/errors/20503
 */
function isDoubtful(status: number): boolean {
  return status >= 500 || status === 408
}

function readDoubtful({ status, body }: VendorAnswer): Handover {
  const { code } = parseError(parseJson(body))
  const said = code === null ? `HTTP ${status}` : `HTTP ${status}, error ${code}`
  const reason = `Twilio failed (${said}), and does not say whether it took the message.`
  return { outcome: 'unknown', code: code ?? `http_${status}`, reason }
}

function readRefusal(answer: VendorAnswer): Handover {
  const { status, headers, body } = answer
  const { code, message } = parseError(parseJson(body))
  // "Requests that receive 429 responses aren't processed": https://www.twilio.com/docs/api/errors/20429
  if (status === 429) {
    const reason = explainError(code ?? '20429', message).advice
    return {
      outcome: 'refused',
      isFinal: false,
      code: code ?? '20429',
      reason,
      retryAfterMs: readRetryAfterMs(headers),
    }
  }
  if (code === null) {
    // Without an error of Twilio's it comes from something between, or from a wrong base URL: no repeat helps.
    const reason = `Twilio refused the message with HTTP ${status}, without saying why: check its base URL in the settings.`
    return { outcome: 'refused', isFinal: true, code: `http_${status}`, reason, retryAfterMs: null }
  }
  const { advice, isFinal } = explainError(code, message)
  return { outcome: 'refused', isFinal, code, reason: advice, retryAfterMs: isFinal ? null : readRetryAfterMs(headers) }
}
