import { randomBytes } from 'node:crypto'

export type EmulatedMedia = { sid: string; contentType: string; bytes: Buffer }

export type EmulatedMessage = {
  sid: string
  from: string | null
  to: string
  messagingServiceSid: string | null
  body: string
  status: string
  direction: 'outbound-api' | 'inbound'
  errorCode: number | null
  /** Of an outbound message: what is to be fetched. */
  mediaUrls: string[]
  /** Of an inbound one: what can be fetched. */
  media: EmulatedMedia[]
  statusCallback: string | null
  createdAt: Date
  updatedAt: Date
}

/** The messages of one account, newest last, of which only the newest are kept. */
export type MessageStore = {
  add(message: Omit<EmulatedMessage, 'createdAt' | 'updatedAt'>): EmulatedMessage
  find(sid: string): EmulatedMessage | undefined
  list(): EmulatedMessage[]
  clear(): void
}

export function createMessageStore(messagesMax: number): MessageStore {
  const messages = new Map<string, EmulatedMessage>()
  return {
    add(message) {
      const at = new Date()
      const added = { ...message, createdAt: at, updatedAt: at }
      messages.set(added.sid, added)
      const [oldest] = messages.keys()
      if (messages.size > messagesMax) messages.delete(oldest!)
      return added
    },
    find: (sid) => messages.get(sid),
    list: () => [...messages.values()],
    clear: () => messages.clear(),
  }
}

/** `SM`, `MM`, `ME` or another kind, and 32 hexadecimal digits. */
export function createSid(kind: string): string {
  return `${kind}${randomBytes(16).toString('hex')}`
}

export function presentMessage(message: EmulatedMessage, accountSid: string): Record<string, unknown> {
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}`
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    body: message.body,
    date_created: presentDate(message.createdAt),
    date_sent: presentDate(message.createdAt),
    date_updated: presentDate(message.updatedAt),
    direction: message.direction,
    error_code: message.errorCode,
    error_message: null,
    from: message.from,
    messaging_service_sid: message.messagingServiceSid,
    num_media: String(message.mediaUrls.length + message.media.length),
    num_segments: String(countSegments(message.body)),
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: message.to,
    uri: `${uri}.json`,
  }
}

/** RFC 2822, as in `Thu, 24 Aug 2023 05:01:45 +0000`. */
export function presentDate(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000')
}

/** 160 characters in one segment and 153 in each of several; 70 and 67 beyond ASCII, which is near enough to GSM's own set. */
export function countSegments(body: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  const [single, several] = /^[\x00-\x7f]*$/.test(body) ? [160, 153] : [70, 67]
  return body.length <= single ? 1 : Math.ceil(body.length / several)
}
