import { randomUUIDv7 } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type RawServerDefault } from 'fastify'
import type { Config } from '../config.ts'
import { addCors, type OpenPaths } from './cors.ts'
import { parseJsonBodies } from './json-body.ts'
import { lingerBeforeClosing } from './linger.ts'
import { createValidatorCompiler } from './validation.ts'

/** A server, or a part of one, whose routes are typed by their TypeBox schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

// Sent with every reply, whatever the dialect.
const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  // What a browser on another origin is answered says so; no cache may give it to others.
  vary: 'Origin',
}

const REQUEST_ID = /^[\w.-]{1,128}$/

/** The HTTP server without its routes. */
export async function createHttpServer(config: Config, openPaths?: OpenPaths): Promise<HttpApp> {
  const app = Fastify({
    bodyLimit: config.limitBodyBytes,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 512 },
    genReqId: (req) => {
      const given = req.headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUIDv7()
    },
    logger: false,
    forceCloseConnections: 'idle',
    // For a whole request: the largest file over a slow line. Headers have a minute, by Node's own default.
    requestTimeout: 15 * 60_000,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setValidatorCompiler(createValidatorCompiler())
  parseJsonBodies(app as unknown as FastifyInstance)
  app.addHook('onRequest', (req, reply, done) => {
    reply.headers(COMMON_HEADERS).header('x-request-id', req.id)
    done()
  })
  lingerBeforeClosing(app as unknown as FastifyInstance)
  await addCors(app as unknown as FastifyInstance, config, openPaths)
  return app
}
