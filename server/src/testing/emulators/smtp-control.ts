import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { SmtpEmulator } from './smtp.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a test sends is what the method takes.
type Order = (emulator: SmtpEmulator, body: any) => unknown

const ORDERS: Record<string, Order> = {
  'GET /messages': (emulator) => emulator.messages(),
  'POST /fail': (emulator, { fault, times }) => emulator.fail(fault, times),
  'POST /release': (emulator) => emulator.release(),
  'POST /drop-connections': (emulator) => emulator.dropConnections(),
}

/** The emulator's methods over HTTP, in JSON, on a port of their own. */
export async function openControl(emulator: SmtpEmulator, port: number) {
  const server = createServer(async (req, reply) => {
    const order = ORDERS[`${req.method} ${req.url}`]
    const body = req.method === 'POST' ? await json(req).catch(() => ({})) : {}
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
