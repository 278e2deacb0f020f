import cors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { Config } from '../config.ts'

/** Paths whose pages of any origin may call, because the calls say themselves whose they are. */
export type OpenPaths = RegExp | undefined

/**
 * Answers browsers on other origins. Only browsers say where they come from: all others are spared the plugin's hook,
 * which would be the dearest part of a small request.
 */
export async function addCors(app: FastifyInstance, config: Config, openPaths: OpenPaths): Promise<void> {
  const addHook = (name: 'onRequest', hook: onRequestHookHandler) =>
    app.addHook(name, function (req, reply, done) {
      if (req.headers.origin === undefined) done()
      else hook.call(this, req, reply, done)
    })
  const forBrowsers: FastifyInstance = Object.assign(Object.create(app), { addHook })
  await new Promise<void>((resolve, reject) => {
    cors(forBrowsers, { delegator: chooseOptions(config, openPaths) }, (error) => (error ? reject(error) : resolve()))
  })
}

function chooseOptions(config: Config, openPaths: OpenPaths) {
  const usual = corsOptions(config.allowedOrigins.includes('*') ? true : config.allowedOrigins)
  // Nothing of a browser's own, such as cookies, goes with these calls: the token and the check of its client's domain
  // decide, and they need the call to arrive.
  const open = { ...corsOptions(true), allowedHeaders: CLIENT_HEADERS }
  return (req: FastifyRequest, choose: (error: Error | null, options: FastifyCorsOptions) => void) =>
    choose(null, openPaths?.test(req.url) ? open : usual)
}

const CLIENT_HEADERS = ['Authorization', 'X-Public-Key', 'Content-Type', 'Idempotency-Key']

function corsOptions(origin: boolean | string[]): FastifyCorsOptions {
  return {
    origin,
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
