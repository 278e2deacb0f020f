import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on loopback that can be down for a while and come back on the same port. */
export type Listener = {
  url: string
  /** Cuts all connections; new ones are refused. */
  goDown(): Promise<void>
  comeUp(): Promise<void>
}

/** Port 0 takes a free one. */
export async function openListener(handle: RequestListener, port = 0): Promise<Listener> {
  let server: Server | undefined = await listen(handle, port)
  const own = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${own}`,
    async goDown() {
      const ending = server
      server = undefined
      if (ending === undefined) return
      const closed = once(ending, 'close')
      ending.close()
      ending.closeAllConnections()
      await closed
    },
    async comeUp() {
      server ??= await listen(handle, own)
    },
  }
}

async function listen(handle: RequestListener, port: number): Promise<Server> {
  const server = createServer(handle)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}
