import cors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance, onRequestHookHandler } from 'fastify'
import type { Config } from '../config.ts'

/**
 * Answers browsers on other origins. Only browsers say where they come from: all others are spared the plugin's hook,
 * which would be the dearest part of a small request.
 */
export async function addCors(app: FastifyInstance, config: Config): Promise<void> {
  const addHook = (name: 'onRequest', hook: onRequestHookHandler) =>
    app.addHook(name, function (req, reply, done) {
      if (req.headers.origin === undefined) done()
      else hook.call(this, req, reply, done)
    })
  const forBrowsers: FastifyInstance = Object.assign(Object.create(app), { addHook })
  await new Promise<void>((resolve, reject) => {
    cors(forBrowsers, corsOptions(config), (error) => (error ? reject(error) : resolve()))
  })
}

function corsOptions(config: Config): FastifyCorsOptions {
  return {
    origin: config.allowedOrigins.includes('*') ? true : config.allowedOrigins,
    exposedHeaders: [
      'X-Request-Id',
      'Retry-After',
      'Idempotency-Replayed',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
    ],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    maxAge: 600,
  }
}
