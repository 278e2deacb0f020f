import type { Transport } from '../../core/deliveries/carrier.ts'
import { parseAddress } from './address.ts'

/** What somebody wrote to one of our numbers, as Twilio's webhook says it. */
export type InboundMessage = {
  sid: string
  accountSid: string | null
  /** How it came; null for a channel that is not ours, such as `messenger` or `rcs`. */
  transport: Transport | null
  /** As Twilio names it: `sms`, `whatsapp`, `messenger`, … */
  channel: string
  /** Without the channel before it: E.164, or a user's id at the channel. */
  from: string
  to: string
  messagingServiceSid: string | null
  /** May be empty. */
  body: string
  media: { url: string; contentType: string | null }[]
  numSegments: number | null
  /** `text`, `image`, `location`, `interactive`, …; what is new stays as it came. WhatsApp only, mostly. */
  messageType: string | null
  profileName: string | null
  /** The person's WhatsApp id: the number without its plus. */
  waId: string | null
  /** The person's id at the channel where the number is kept from us. */
  externalUserId: string | null
  /** The message that this one answers. */
  repliedToSid: string | null
  /** What was pressed on a message of ours. */
  button: { text: string | null; payload: string | null } | null
  location: { latitude: number; longitude: number; address: string | null; label: string | null } | null
  isForwarded: boolean
  /** `STOP`, `START` or `HELP` where Twilio itself has understood and answered it. */
  optOutType: string | null
}

/** An MMS has at most ten; more fields than that are not Twilio's. */
const MEDIA_MAX = 10

/**
 * Reads the form of an inbound message; what it does not know is left aside. Undefined where it has no id or no addresses.
 * @see https://www.twilio.com/docs/messaging/guides/webhook-request
 */
export function parseInbound(form: URLSearchParams): InboundMessage | undefined {
  const read = (name: string) => form.get(name) || null
  const sid = read('MessageSid') ?? read('SmsMessageSid') ?? read('SmsSid')
  const [from, to] = [read('From'), read('To')]
  if (sid === null || from === null || to === null) return undefined
  const { channel, address } = parseAddress(from)
  return {
    sid,
    accountSid: read('AccountSid'),
    transport: channel === 'sms' || channel === 'whatsapp' ? channel : null,
    channel,
    from: address,
    to: parseAddress(to).address,
    messagingServiceSid: read('MessagingServiceSid'),
    body: form.get('Body') ?? '',
    media: readMedia(form),
    numSegments: readNumber(form, 'NumSegments'),
    messageType: read('MessageType'),
    profileName: read('ProfileName'),
    waId: read('WaId'),
    externalUserId: read('ExternalUserId'),
    repliedToSid: read('OriginalRepliedMessageSid'),
    button: readButton(form),
    location: readLocation(form),
    isForwarded: read('Forwarded') === 'true' || read('FrequentlyForwarded') === 'true',
    optOutType: read('OptOutType'),
  }
}

function readMedia(form: URLSearchParams): InboundMessage['media'] {
  const media: InboundMessage['media'] = []
  for (let i = 0; i < MEDIA_MAX; i++) {
    const url = form.get(`MediaUrl${i}`)
    if (url) media.push({ url, contentType: form.get(`MediaContentType${i}`) || null })
  }
  return media
}

function readButton(form: URLSearchParams): InboundMessage['button'] {
  const [text, payload] = [form.get('ButtonText') || null, form.get('ButtonPayload') || null]
  return text === null && payload === null ? null : { text, payload }
}

function readLocation(form: URLSearchParams): InboundMessage['location'] {
  const [latitude, longitude] = [readNumber(form, 'Latitude'), readNumber(form, 'Longitude')]
  if (latitude === null || longitude === null) return null
  return { latitude, longitude, address: form.get('Address') || null, label: form.get('Label') || null }
}

function readNumber(form: URLSearchParams, name: string): number | null {
  const number = Number(form.get(name) || Number.NaN)
  return Number.isFinite(number) ? number : null
}
