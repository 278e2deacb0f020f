import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { SendgridEmulator } from './sendgrid.ts'

// The orders are of our own tests: what they hold is not checked again.
type Order<Key extends keyof SendgridEmulator> = SendgridEmulator[Key] extends (...args: infer Args) => unknown
  ? Args
  : never
type Obey = (emulator: SendgridEmulator, order: Record<string, unknown>) => unknown

const ORDERS: Record<string, Obey> = {
  'GET /sent': (emulator) => emulator.sent(),
  'POST /fail': (emulator, { fault, times }) => emulator.fail(...([fault, times] as Order<'fail'>)),
  'POST /set-plan': (emulator, { events }) => emulator.setPlan(...([events] as Order<'setPlan'>)),
  'POST /set-webhooks': (emulator, urls) => emulator.setWebhooks(...([urls] as Order<'setWebhooks'>)),
  'POST /set-verified-senders': (emulator, { addresses }) =>
    emulator.setVerifiedSenders(...([addresses] as Order<'setVerifiedSenders'>)),
  'POST /report': (emulator, { mailId, events, how }) => emulator.report(...([mailId, events, how] as Order<'report'>)),
  'POST /post-events': (emulator, { events, how }) => emulator.postEvents(...([events, how] as Order<'postEvents'>)),
  'POST /receive': (emulator, { inbound, url }) => emulator.receive(...([inbound, url] as Order<'receive'>)),
  'POST /until-quiet': (emulator) => emulator.untilQuiet(),
  'POST /go-down': (emulator) => emulator.goDown(),
  'POST /come-up': (emulator) => emulator.comeUp(),
}

/** The emulator's methods over HTTP, in JSON, on a port of their own. */
export async function openControl(emulator: SendgridEmulator, port: number) {
  const server = createServer(async (req, reply) => {
    const order = ORDERS[`${req.method} ${req.url}`]
    try {
      const body = req.method === 'POST' ? ((await json(req).catch(() => ({}))) as Record<string, unknown>) : {}
      if (order === undefined) throw new Error(`There is no ${req.method} ${req.url}.`)
      reply
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify((await order(emulator, body)) ?? {}))
    } catch (error) {
      reply.writeHead(order ? 500 : 404).end(JSON.stringify({ error: String(error) }))
    }
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
