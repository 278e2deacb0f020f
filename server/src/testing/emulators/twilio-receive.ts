import type { PostedCallback } from './twilio-callbacks.ts'
import { countSegments, createSid, type EmulatedMedia, type EmulatedMessage } from './twilio-messages.ts'
import type { EmulatorState } from './twilio-state.ts'
import { bare } from './twilio-validate.ts'

/** What a person writes. Addresses of WhatsApp begin with `whatsapp:`. */
export type PersonWrites = {
  from: string
  to: string
  body?: string
  media?: { contentType: string; bytes: Buffer }[]
  messagingServiceSid?: string
  optOutType?: 'STOP' | 'START' | 'HELP'
  // The rest is of WhatsApp only.
  profileName?: string
  repliedToSid?: string
  button?: { text: string; payload: string }
  location?: { latitude: number; longitude: number; address?: string; label?: string }
}

export type Received = { message: EmulatedMessage; webhook: PostedCallback | null }

/** https://help.twilio.com/articles/223134027 */
const STOP_WORDS = /^(stop|stopall|unsubscribe|cancel|end|quit|revoke|optout)$/i
const START_WORDS = /^(start|yes|unstop)$/i

/** Takes a message of a person's and posts it to the webhook of its channel; null where there is no webhook. */
export async function receive(state: EmulatorState, written: PersonWrites): Promise<Received> {
  const media = (written.media ?? []).map((file) => ({ ...file, sid: createSid('ME') }))
  const message = state.store.add({
    sid: createSid(media.length > 0 ? 'MM' : 'SM'),
    from: written.from,
    to: written.to,
    messagingServiceSid: written.messagingServiceSid ?? null,
    body: written.body ?? '',
    status: 'received',
    direction: 'inbound',
    errorCode: null,
    mediaUrls: [],
    media,
    statusCallback: null,
  })
  const isWhatsapp = written.from.startsWith('whatsapp:')
  if (!isWhatsapp) noteOptOut(state, message)
  const url = isWhatsapp ? state.webhooks.whatsappUrl : state.webhooks.smsUrl
  if (url === null) return { message, webhook: null }
  const fields = presentInbound(state, message, written)
  return { message, webhook: await state.poster.post(url, fields, state.style) }
}

/** Twilio keeps opt-outs of SMS itself, and refuses to send to them. */
function noteOptOut({ optOuts }: EmulatorState, { from, to, body }: EmulatedMessage): void {
  const pair = `${to}|${from}`
  if (STOP_WORDS.test(body.trim())) optOuts.add(pair)
  if (START_WORDS.test(body.trim())) optOuts.delete(pair)
}

function presentInbound(state: EmulatorState, message: EmulatedMessage, written: PersonWrites): Record<string, string> {
  const { accountSid, apiUrl } = state
  const base = `${apiUrl}/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}/Media`
  const media = message.media.map((file, i) => [
    [`MediaContentType${i}`, file.contentType],
    [`MediaUrl${i}`, `${base}/${file.sid}`],
  ])
  return {
    SmsMessageSid: message.sid,
    NumMedia: String(message.media.length),
    SmsSid: message.sid,
    SmsStatus: 'received',
    Body: message.body,
    To: message.to,
    NumSegments: String(countSegments(message.body)),
    MessageSid: message.sid,
    AccountSid: accountSid,
    From: message.from ?? '',
    ApiVersion: '2010-04-01',
    ...(written.messagingServiceSid ? { MessagingServiceSid: written.messagingServiceSid } : {}),
    ...(written.optOutType ? { OptOutType: written.optOutType } : {}),
    ...(written.from.startsWith('whatsapp:') ? presentWhatsapp(message, written) : presentPlaces()),
    ...Object.fromEntries(media.flat()),
  }
}

function presentPlaces(): Record<string, string> {
  const places = ['To', 'From'].flatMap((side) => [
    [`${side}Country`, 'US'],
    [`${side}State`, 'CA'],
    [`${side}City`, ''],
    [`${side}Zip`, ''],
  ])
  return Object.fromEntries(places)
}

function presentWhatsapp({ media }: EmulatedMessage, written: PersonWrites): Record<string, string> {
  const { button, location, repliedToSid, to, from, profileName } = written
  const type = location ? 'location' : button ? 'interactive' : typeOf(media[0])
  return {
    ProfileName: profileName ?? 'Somebody',
    MessageType: type,
    WaId: bare(from).replace('+', ''),
    ReferralNumMedia: '0',
    ...(button ? { ButtonText: button.text, ButtonPayload: button.payload } : {}),
    ...(repliedToSid ? { OriginalRepliedMessageSender: to, OriginalRepliedMessageSid: repliedToSid } : {}),
    ...(location ? { Latitude: String(location.latitude), Longitude: String(location.longitude) } : {}),
    ...(location?.address ? { Address: location.address } : {}),
    ...(location?.label ? { Label: location.label } : {}),
  }
}

function typeOf(media: EmulatedMedia | undefined): string {
  const kind = media?.contentType.split('/')[0]
  return media === undefined ? 'text' : kind === 'application' ? 'document' : kind!
}
