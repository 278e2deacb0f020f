// Idempotency-Key, for all POSTs. A route's handler runs inside one transaction with the key and its reply: nothing is
// answered before the commit, and a repeat is answered from what was kept. Where a reply is kept it is sealed, since it
// may hold tokens. Keys belong to the caller; before signing in, to the network address, and since the whole body
// counts too, nobody gets the tokens of somebody else without knowing their password or refresh token already.
//
// Messages are written by the message writer, outside of any transaction: there the key is the message's client id,
// which the message log never takes twice (`message-log`).

import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Actor } from '../core/actor.ts'
import type { Context, Core } from '../core/context.ts'
import { invalidField } from '../core/errors.ts'
import { type Reply, runOnce } from '../core/idempotency/run-once.ts'
import type { Written } from '../core/messages/draft.ts'
import type { Message } from '../core/messages/schema.ts'
import { Turnstile } from '../core/turnstile.ts'
import { captureReply, Unkept } from './capture-reply.ts'
import { contextOf, setContext } from './request-context.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How a POST honours its key: in a transaction unless said; `message-log` for what sends messages by `sendOnce`. */
    idempotency?: 'message-log'
  }
}

const LINE_MAX = 1_000

/** Makes the POST routes that are added to `app` after it honour Idempotency-Key. */
export function addIdempotency(app: FastifyInstance, core: Core): void {
  // Each holds a connection while its operation may need another: together they must never hold all of them.
  const connectionsMax = core.database.pool.options.max ?? 10
  const turnstile = new Turnstile({ atOnce: Math.max(1, Math.floor(connectionsMax / 2)), lineMax: LINE_MAX })
  app.addHook('onRoute', (route) => {
    const isPost = [route.method].flat().includes('POST')
    if (!isPost || route.config?.idempotency === 'message-log') return
    route.handler = keyed(route.handler, turnstile)
  })
}

function keyed(handler: RouteHandlerMethod, turnstile: Turnstile): RouteHandlerMethod {
  return async function (req, reply) {
    const key = readKey(req)
    if (key === undefined || req.method !== 'POST') return handler.call(this, req, reply)
    const ctx = contextOf(req)
    const request = { scopeId: scopeOf(ctx.actor), key, fingerprint: fingerprintOf(req) }
    const run = (ctx: Context) => inContext(req, ctx, () => captureReply(reply, () => handler.call(this, req, reply)))
    try {
      const { reply: kept, isReplay } = await turnstile.pass(() => runOnce(ctx, request, run))
      if (isReplay) reply.header('idempotency-replayed', 'true')
      return send(reply, kept)
    } catch (error) {
      if (error instanceof Unkept) return send(reply, error.reply)
      throw error
    }
  }
}

type Send<A extends Actor, Input extends { clientId?: string | null }> = {
  ctx: Context<A>
  input: Input
  send(ctx: Context<A>, input: Input): Promise<Written>
  /** Throws `idempotency_key_reused` where the message that stands under the key is not what was asked for. */
  requireSame(ctx: Context<A>, message: Message, input: Input): Promise<void> | void
}

/**
 * Sends a message under the request's key, and sets the reply's status: 201, or 200 for a repeat of a client id. A
 * repeat of a key is the first reply again, and 409 where it asks for something else. A client id of the caller's own
 * comes before the key.
 */
export async function sendOnce<A extends Actor, Input extends { clientId?: string | null }>(
  req: FastifyRequest,
  reply: FastifyReply,
  { ctx, input, send, requireSame }: Send<A, Input>,
): Promise<Written> {
  const key = readKey(req)
  const clientId = input.clientId ?? (key === undefined ? null : `idempotency:${key}`)
  const written = await send(ctx, { ...input, clientId })
  reply.code(written.isRepeat && key === undefined ? 200 : 201)
  if (written.isRepeat && key !== undefined) {
    await requireSame(ctx, written.message, input)
    reply.header('idempotency-replayed', 'true')
  }
  return written
}

const KEY = /^[\x21-\x7e]{1,255}$/

function readKey({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && KEY.test(key)) return key
  throw invalidField('Idempotency-Key', 'must have 1 to 255 visible ASCII characters')
}

function scopeOf(actor: Actor): string {
  // Live and test keys of one client have names of their own.
  if (actor.kind === 'client') return actor.workspaceId
  if (actor.id !== null) return actor.id
  const hash = createHash('sha256').update(`anonymous ${actor.address}`).digest('hex')
  return hash.slice(0, 32).replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function fingerprintOf({ method, url, body }: FastifyRequest): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([method, url, canonical(body)]))
    .digest()
}

const DEPTH_MAX = 100

/** The same for the same JSON, however its fields are ordered. */
function canonical(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === DEPTH_MAX) throw invalidField('body', 'is nested too deeply')
  if (Array.isArray(value)) return value.map((member) => canonical(member, depth + 1))
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, member]) => [name, canonical(member, depth + 1)]))
}

async function inContext<T>(req: FastifyRequest, ctx: Context, work: () => Promise<T>): Promise<T> {
  const outer = contextOf(req)
  setContext(req, ctx)
  try {
    return await work()
  } finally {
    setContext(req, outer)
  }
}

function send(reply: FastifyReply, { status, body }: Reply): FastifyReply {
  reply.code(status)
  return body === null ? reply.send() : reply.type('application/json; charset=utf-8').send(body)
}
