import { createHmac, randomUUID } from 'node:crypto'
import { Agent, request } from 'undici'

export type CallbackStyle = {
  /** Waits so long before each, in milliseconds. */
  delayMs: number
  /** How often each is posted. */
  copies: number
  order: 'in_order' | 'reversed'
  /**
   * Before the API answers the request that made the message; right after it, so that one may overtake the other, as with
   * Twilio; or when `releaseCallbacks` says so.
   */
  when: 'before_answer' | 'after_answer' | 'held'
  signature: 'right' | 'wrong' | 'missing'
}

export const USUAL_CALLBACKS: CallbackStyle = {
  delayMs: 0,
  copies: 1,
  order: 'in_order',
  when: 'after_answer',
  signature: 'right',
}

export type PostedCallback = {
  url: string
  fields: Record<string, string>
  /** What the receiver answered, or why it did not. */
  status: number | null
  body: string
  failure: string | null
}

export type Poster = {
  /** Posts once, whatever becomes of it. */
  post(url: string, fields: Record<string, string>, style: CallbackStyle): Promise<PostedCallback>
  posted: PostedCallback[]
  close(): Promise<void>
}

const POSTED_MAX = 10_000
const BODY_LENGTH_MAX = 65_536
/** https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
const READ_TIMEOUT_MS = 15_000

/** Posts signed forms as Twilio does. */
export function createPoster(authToken: string): Poster {
  const agent = new Agent({ connect: { timeout: 5_000 } })
  const posted: PostedCallback[] = []
  return {
    posted,
    async post(target, fields, { signature }) {
      // Connection overrides are for Twilio itself: they are neither sent nor signed.
      const url = target.replace(/#.*$/s, '')
      const right = signForm(authToken, url, Object.entries(fields))
      const signed = { right, wrong: signForm(`${authToken}?`, url, Object.entries(fields)), missing: undefined }[
        signature
      ]
      const headers = {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'user-agent': 'TwilioProxy/1.1',
        'i-twilio-idempotency-token': randomUUID(),
        ...(signed === undefined ? {} : { 'x-twilio-signature': signed }),
      }
      const outcome = await send(agent, url, headers, new URLSearchParams(fields).toString())
      const callback = { url, fields, ...outcome }
      posted.push(callback)
      if (posted.length > POSTED_MAX) posted.shift()
      return callback
    },
    close: () => agent.destroy(),
  }
}

/** Written from Twilio's documentation, so that it shares no mistake with what checks it. */
export function signForm(authToken: string, url: string, fields: [string, string][]): string {
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => name + value)
  return createHmac('sha1', authToken)
    .update(`${url}${sorted.join('')}`)
    .digest('base64')
}

type Outcome = Pick<PostedCallback, 'status' | 'body' | 'failure'>

async function send(agent: Agent, url: string, headers: Record<string, string>, body: string): Promise<Outcome> {
  try {
    const signal = AbortSignal.timeout(READ_TIMEOUT_MS)
    const reply = await request(url, { dispatcher: agent, method: 'POST', headers, body, signal })
    return { status: reply.statusCode, body: (await reply.body.text()).slice(0, BODY_LENGTH_MAX), failure: null }
  } catch (error) {
    return { status: null, body: '', failure: error instanceof Error ? error.message : String(error) }
  }
}
