import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Core } from '../../core/context.ts'
import { ERRORS } from '../../core/errors.ts'
import type { ClientConcern, ClientMetrics } from '../../http/client-metrics.ts'
import { BY_CLIENT, findPublicKey } from './auth.ts'

/**
 * Logs and counts every request of the routes that are added to `app` after it, by client. Add it before what may
 * refuse a request.
 */
export function addMonitoring(app: FastifyInstance, { log, ports }: Core, metrics: ClientMetrics): void {
  app.decorateRequest('refusal')
  app.addHook('onResponse', (req, reply, done) => {
    const client = req.clientCtx?.actor.id ?? ports.clients.peekByPublicKey(findPublicKey(req) ?? '')?.id
    const concern = concernOf(req)
    const durationMs = reply.elapsedTime
    // The route is its pattern: what stands in a URL or a body may be what people wrote, or who they are.
    const route = req.routeOptions.url ?? 'none'
    const { id, method } = req
    const { statusCode: status } = reply
    metrics.count({ client, method, route, status, durationS: durationMs / 1_000, concern })
    const line = {
      request_id: id,
      method,
      route,
      status,
      duration_ms: Math.round(durationMs * 10) / 10,
      livemode: req.clientCtx?.actor.isLive ?? null,
      client: client ?? null,
    }
    if (concern === undefined) log.info(line, 'a request')
    else log.warn({ ...line, reason: req.refusal, ...limitOf(concern), address: req.ip }, 'a refused caller')
    done()
  })
}

/** What whoever runs the server should hear of: a caller who is not let in, or who calls too often. */
function concernOf(req: FastifyRequest): ClientConcern | undefined {
  const { refusal, clientCtx, routeOptions } = req
  if (refusal === undefined) return undefined
  if (refusal === 'rate_limited') {
    const isLetIn = clientCtx !== undefined || routeOptions.config.isPublic
    return { limit: isLetIn ? BY_CLIENT.limitOf(req) : 'clientAuthFailures' }
  }
  const isAuthFailure = refusal in ERRORS && ERRORS[refusal as keyof typeof ERRORS].kind === 'unauthenticated'
  return isAuthFailure ? { authFailure: refusal } : undefined
}

function limitOf(concern: ClientConcern) {
  return 'limit' in concern ? { limit: concern.limit } : {}
}
