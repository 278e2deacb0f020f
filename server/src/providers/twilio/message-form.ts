import type { Outgoing } from '../../core/deliveries/carrier.ts'
import { isMessagingService, presentAddress } from './address.ts'

// Twilio asks again where our server refused the connection, was silent, or failed: up to five times, all within its
// 15 seconds. Not where we answered 4xx: that would be the same again. The fragment is neither sent nor signed.
// https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
const CONNECTION_OVERRIDES = 'rc=5&rp=ct,rt,5xx'

/** https://www.twilio.com/docs/messaging/guides/accepted-mime-types and error 21623 */
const FILES_MAX = { sms: 10, whatsapp: 1 } as const

/** Why Twilio cannot carry this message at all; undefined where it may. */
export function explainUnfit({ transport, body, files }: Outgoing): { code: string; reason: string } | undefined {
  if (transport === 'email') return { code: 'transport_not_carried', reason: 'Twilio carries no email.' }
  const filesMax = FILES_MAX[transport]
  if (files.length > filesMax) {
    const reason = `A message over ${transport === 'sms' ? 'SMS' : 'WhatsApp'} has at most ${filesMax === 1 ? 'one file' : `${filesMax} files`}: send the others in messages of their own.`
    return { code: 'too_many_files', reason }
  }
  if (body === '' && files.length === 0) return { code: 'message_empty', reason: 'The message is empty.' }
  return undefined
}

/** The form that makes a message. @see https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
export function presentMessage(message: Outgoing): URLSearchParams {
  const { transport, from, to, body, files, statusUrl, deliveryId } = message
  const form = new URLSearchParams({ To: presentAddress(transport, to) })
  if (statusUrl !== null) form.append('StatusCallback', presentStatusUrl(statusUrl, deliveryId))
  if (isMessagingService(from)) form.append('MessagingServiceSid', from)
  else form.append('From', presentAddress(transport, from))
  if (body !== '') form.append('Body', body)
  for (const { url } of files) form.append('MediaUrl', url)
  return form
}

/** A status names its delivery, so that one that comes before Twilio's answer to us finds it too. */
function presentStatusUrl(statusUrl: string, deliveryId: string): string {
  const url = new URL(statusUrl)
  url.searchParams.set('delivery', deliveryId)
  url.hash = CONNECTION_OVERRIDES
  return url.href
}
