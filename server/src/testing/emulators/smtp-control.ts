import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { SmtpEmulator } from './smtp.ts'

// The orders are of our own tests: what they hold is not checked again.
type Order<Key extends keyof SmtpEmulator> = SmtpEmulator[Key] extends (...args: infer Args) => unknown ? Args : never
type Obey = (emulator: SmtpEmulator, order: Record<string, unknown>) => unknown

const ORDERS: Record<string, Obey> = {
  'GET /messages': (emulator) => emulator.messages(),
  'POST /fail': (emulator, { fault, times }) => emulator.fail(...([fault, times] as Order<'fail'>)),
  'POST /release': (emulator) => emulator.release(),
  'POST /drop-connections': (emulator) => emulator.dropConnections(),
}

/** The emulator's methods over HTTP, in JSON, on a port of their own. */
export async function openControl(emulator: SmtpEmulator, port: number) {
  const server = createServer(async (req, reply) => {
    const order = ORDERS[`${req.method} ${req.url}`]
    const body = req.method === 'POST' ? ((await json(req).catch(() => ({}))) as Record<string, unknown>) : {}
    const result = order?.(emulator, body) ?? {}
    reply.writeHead(order ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(result))
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
