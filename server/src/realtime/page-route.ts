import type { FastifyInstance } from 'fastify'
import type { UserActor } from '../core/actor.ts'
import { type Context, createContext } from '../core/context.ts'
import { getReadable } from '../core/conversations/policy.ts'
import { invalidField } from '../core/errors.ts'
import { isUuid } from '../core/uuid.ts'
import { findMember } from '../core/workspaces/queries.ts'
import { readCredentials } from './credentials.ts'
import type { Engine } from './engine.ts'
import { readPage } from './page.ts'
import { authenticateUser } from './people/authenticate.ts'
import type { Skin } from './protocol.ts'

const LIMIT_MAX = 200

/** `GET /v1/events/page`: the `page` of a socket, for those who follow by server-sent events or long poll. */
export function addPageRoute(app: FastifyInstance, engine: Engine, skin: Skin): void {
  app.get('/v1/events/page', { exposeHeadRoute: false, schema: { hide: true } }, async (req, reply) => {
    const query = new URLSearchParams(req.url.split('?', 2)[1] ?? '')
    const actor = await authenticateUser(engine, { ...readCredentials(req.headers, query), address: req.ip })
    const asked = readQuery(query)
    await requireVisible(createContext(engine.core, actor), asked.streamId)
    const page = await readPage(engine.core.database, asked)
    const answer = skin.answer({ op: 'page', ...page, isOwn: asked.streamId === actor.id }, null)
    return reply.type('application/json; charset=utf-8').header('cache-control', 'no-store').send(answer)
  })
}

function readQuery(query: URLSearchParams) {
  const streamId = query.get('stream')
  if (!isUuid(streamId)) throw invalidField('stream', 'must be a UUID')
  const after = readInteger(query, 'after', { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const limit = readInteger(query, 'limit', { fallback: LIMIT_MAX, min: 1, max: LIMIT_MAX })
  return { streamId: streamId.toLowerCase(), after, limit }
}

type Bounds = { fallback: number; min: number; max: number }

function readInteger(query: URLSearchParams, field: string, { fallback, min, max }: Bounds): number {
  const text = query.get(field)
  if (text === null) return fallback
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value
  throw invalidField(field, `must be a whole number from ${min} to ${max}`)
}

/** One's own stream, those of one's workspaces unless as a guest, and those of conversations that one can read. */
async function requireVisible(ctx: Context<UserActor>, streamId: string): Promise<void> {
  if (streamId === ctx.actor.id) return
  const member = await findMember(ctx.db, { workspaceId: streamId, userId: ctx.actor.id })
  if (member === undefined || member.role === 'guest') await getReadable(ctx, streamId, 'stream')
}
