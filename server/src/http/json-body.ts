import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyReply } from 'fastify'
import sjson from 'secure-json-parse'
import { HttpError } from './http-error.ts'

/** Reads JSON bodies. An empty body is no body; bytes that are not UTF-8 are refused rather than replaced. */
export function parseJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const json = /^application\/(?:[\w.+-]+\+)?json/i
  app.addContentTypeParser<Buffer>(json, { parseAs: 'buffer' }, (_req, body, done) => {
    if (body.length === 0) return done(null, undefined)
    if (!isUtf8(body)) return done(new HttpError('malformed_json'))
    try {
      done(null, sjson.parse(body.toString('utf8'), { protoAction: 'remove', constructorAction: 'remove' }))
    } catch {
      done(new HttpError('malformed_json'))
    }
  })
  // Clients that send no body at all often name a type all the same.
  app.addContentTypeParser('*', (req, _payload, done) => {
    const { 'transfer-encoding': encoding, 'content-length': length } = req.headers
    const hasBody = encoding !== undefined || Number(length ?? 0) > 0
    done(hasBody ? new HttpError('unsupported_media_type') : null)
  })
}

/**
 * Answers with a long list whose shape is the schema's already: to check each field once more would cost more than all
 * else.
 */
export function sendAsItIs(reply: Pick<FastifyReply, 'type'>, value: object): FastifyReply {
  return sendJsonBytes(reply, Buffer.from(JSON.stringify(value)))
}

/** Answers with JSON that is encoded already. */
export function sendJsonBytes(reply: Pick<FastifyReply, 'type'>, bytes: Buffer): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(bytes)
}
