import type { Carrier, Handover } from '../../core/deliveries/carrier.ts'
import { createVendorHttp } from '../../platform/http/vendor-http.ts'
import { type FetchedMedia, fetchMedia, type MediaFetch } from './fetch-media.ts'
import { findMessage } from './find-message.ts'
import { explainUnfit, presentMessage } from './message-form.ts'
import { readHandover } from './read-handover.ts'

export type TwilioOptions = {
  /** `AC` and 32 hexadecimal digits. */
  accountSid: string
  authToken: string
  /** `https://api.twilio.com` unless said; a regional one, or an emulator. */
  baseUrl?: string
  /** For all of a request, in milliseconds; 20,000 unless said. */
  timeoutMs?: number
}

export type TwilioCarrier = Carrier & {
  /** Fetches a file of an inbound message. Never throws for what Twilio or the network does. */
  fetchMedia(media: MediaFetch): Promise<FetchedMedia>
}

const BASE_URL = 'https://api.twilio.com'

/**
 * Carries SMS, MMS and WhatsApp over Twilio's REST API of 2010-04-01. A message whose `from` is the id of a Messaging Service
 * (`MG…`) is sent by that service. Requests are those of Twilio's own SDK, and none is sent twice.
 * @see https://www.twilio.com/docs/messaging/api/message-resource
 */
export function createTwilioCarrier({
  accountSid,
  authToken,
  baseUrl = BASE_URL,
  timeoutMs,
}: TwilioOptions): TwilioCarrier {
  const http = createVendorHttp({ baseUrl, timeoutMs })
  const messagesPath = `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  const headers = { authorization, accept: 'application/json', 'accept-charset': 'utf-8', 'user-agent': 'parlance' }
  const formHeaders = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  return {
    name: 'twilio',
    transports: ['sms', 'whatsapp'],
    async handOver(message, signal): Promise<Handover> {
      const unfit = explainUnfit(message)
      if (unfit !== undefined) return { outcome: 'refused', isFinal: true, ...unfit, retryAfterMs: null }
      const body = presentMessage(message).toString()
      return readHandover(await http.send({ method: 'POST', path: messagesPath, headers: formHeaders, body, signal }))
    },
    find: (message, since, signal) => findMessage(message, since, { http, messagesPath, headers, signal }),
    fetchMedia: (media) => fetchMedia(media, { http, baseUrl: new URL(baseUrl), headers: { authorization } }),
    close: () => http.close(),
  }
}
