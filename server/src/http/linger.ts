import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

// Far more than the largest body that anybody sends by mistake; what goes on beyond it is cut off.
const DISCARDED_BYTES_MAX = 67_108_864
const DISCARDING_MS_MAX = 10_000

/**
 * Takes and forgets the rest of a body before the refusal that closes its connection: clients write before they read,
 * and would hear of a broken connection instead.
 */
export function lingerBeforeClosing(app: FastifyInstance): void {
  app.addHook('onSend', ({ raw }, reply, payload, done) => {
    if (raw.complete || reply.getHeader('connection') !== 'close') return done(null, payload)
    discardBody(raw).then(() => done(null, payload), done)
  })
}

function discardBody(req: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let discardedBytes = 0
    const count = (chunk: Buffer) => {
      discardedBytes += chunk.length
      if (discardedBytes > DISCARDED_BYTES_MAX) stop()
    }
    const stop = () => {
      req.off('data', count).off('end', stop).off('close', stop)
      req.pause()
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(stop, DISCARDING_MS_MAX)
    req.on('data', count).on('end', stop).on('close', stop).resume()
  })
}
