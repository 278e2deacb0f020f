import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { TwilioEmulator } from './twilio.ts'
import { type Fault, presentJson, write } from './twilio-faults.ts'
import { type Listener, openListener } from './twilio-listener.ts'

type Order = Record<string, unknown>
type Obey = (emulator: TwilioEmulator, order: Order) => unknown

/**
 * The emulator's methods over HTTP, for another process: `GET /messages`, and `POST /<method>` with a JSON object. It has a
 * port of its own, so that it answers while the API is down.
 */
export function openControl(emulator: TwilioEmulator, port = 0): Promise<Listener> {
  return openListener((req, reply) => {
    answer(emulator, req, reply).catch((error: unknown) => {
      write(reply, presentJson(400, { error: error instanceof Error ? error.message : String(error) }))
    })
  }, port)
}

// The orders are of our own tests: what they hold is not checked again.
const ORDERS: Record<string, Obey> = {
  'GET /messages': (emulator) => emulator.messages().map(withoutBytes),
  'GET /requests': (emulator) => emulator.requests,
  'GET /callbacks': (emulator) => emulator.callbacks,
  'POST /set-webhooks': (emulator, order) => emulator.setWebhooks(order),
  'POST /fail': (emulator, { fault, ...options }) => emulator.fail(fault as Fault, options),
  'POST /set-plan': (emulator, { plan }) => emulator.setPlan(plan as Parameters<TwilioEmulator['setPlan']>[0]),
  'POST /set-callbacks': (emulator, order) => emulator.setCallbacks(order),
  'POST /release-callbacks': (emulator) => emulator.releaseCallbacks(),
  'POST /report': async (emulator, { sid, status, errorCode }) => ({
    isFound: await emulator.report(String(sid), String(status), errorCode as number | undefined),
  }),
  'POST /receive': receive,
  'POST /set-listed': (emulator, { isListed }) => emulator.setListed(isListed === true),
  'POST /go-down': (emulator) => emulator.goDown(),
  'POST /come-up': (emulator) => emulator.comeUp(),
  'POST /until-quiet': (emulator) => emulator.untilQuiet(),
  'POST /reset': (emulator) => emulator.reset(),
}

async function answer(emulator: TwilioEmulator, req: IncomingMessage, reply: ServerResponse): Promise<void> {
  const key = `${req.method} ${req.url}`
  const obey = Object.hasOwn(ORDERS, key) ? ORDERS[key] : undefined
  if (obey === undefined) return write(reply, presentJson(404, { error: 'no such order', orders: Object.keys(ORDERS) }))
  const order = req.method === 'POST' ? ((await json(req)) as Order) : {}
  write(reply, presentJson(200, (await obey(emulator, order)) ?? {}))
}

/** Files come as Base64. */
async function receive(emulator: TwilioEmulator, order: Order): Promise<unknown> {
  const files = (order.media ?? []) as { contentType: string; base64: string }[]
  const media = files.map(({ contentType, base64 }) => ({ contentType, bytes: Buffer.from(base64, 'base64') }))
  const written = { ...order, media } as Parameters<TwilioEmulator['receive']>[0]
  const { message, webhook } = await emulator.receive(written)
  return { message: withoutBytes(message), webhook }
}

function withoutBytes(message: ReturnType<TwilioEmulator['messages']>[number]) {
  return {
    ...message,
    media: message.media.map(({ sid, contentType, bytes }) => ({ sid, contentType, size: bytes.length })),
  }
}
