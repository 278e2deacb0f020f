/** What we read of a message at Twilio. @see https://www.twilio.com/docs/messaging/api/message-resource */
export type MessageResource = {
  sid: string
  status: string
  direction: string
  from: string | null
  to: string | null
  messagingServiceSid: string | null
  body: string | null
  numMedia: number
  createdAtMs: number | null
}

export type MessagePage = { messages: MessageResource[]; nextPath: string | null }

/** Undefined for what is no message. */
export function parseMessage(value: unknown): MessageResource | undefined {
  if (!isRecord(value)) return undefined
  const { sid, status } = value
  if (typeof sid !== 'string' || !/^[A-Z]{2}[0-9a-zA-Z]{32}$/.test(sid) || typeof status !== 'string') return undefined
  const createdAtMs = Date.parse(textOf(value.date_created) ?? '')
  return {
    sid,
    status,
    direction: textOf(value.direction) ?? '',
    from: textOf(value.from),
    to: textOf(value.to),
    messagingServiceSid: textOf(value.messaging_service_sid),
    body: textOf(value.body),
    numMedia: Number(value.num_media ?? 0),
    createdAtMs: Number.isFinite(createdAtMs) ? createdAtMs : null,
  }
}

/** Undefined for what is no list of messages. */
export function parseMessagePage(value: unknown): MessagePage | undefined {
  if (!isRecord(value) || !Array.isArray(value.messages)) return undefined
  const messages = value.messages.map(parseMessage)
  if (!messages.every((message) => message !== undefined)) return undefined
  return { messages, nextPath: textOf(value.next_page_uri) }
}

/** Twilio's error, as in `{"code": 21211, "message": "…", "status": 400}`. */
export function parseError(value: unknown): { code: string | null; message: string | null } {
  if (!isRecord(value)) return { code: null, message: null }
  const { code } = value
  const isCode = (typeof code === 'number' || typeof code === 'string') && /^\d{1,6}$/.test(String(code))
  return { code: isCode ? String(code) : null, message: textOf(value.message) }
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
