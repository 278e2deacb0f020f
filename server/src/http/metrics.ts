import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { type ClientMetrics, createClientMetrics } from './client-metrics.ts'
import type { HttpApp } from './server.ts'

export type Metrics = {
  /** For what others measure. */
  registry: Registry
  /** Counts the requests of API clients. */
  clients: ClientMetrics
}

/** Counts every request, and answers `/metrics` for Prometheus. */
export function addMetrics(app: HttpApp): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'parlance_http_request_duration_seconds',
    help: 'How long requests took; its count is how many were answered.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  })
  const clients = createClientMetrics(registry)
  app.addHook('onResponse', (req, reply, done) => {
    const { method } = req
    const route = req.routeOptions.url ?? 'none'
    durations.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1_000)
    done()
  })
  app.get('/metrics', { schema: { hide: true } }, async (_req, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  )
  return { registry, clients }
}
