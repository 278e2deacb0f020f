import { Counter, Histogram, type Registry } from 'prom-client'

export type ClientAnswer = {
  /** The id of a client that exists; undefined where nobody knows who called. */
  client: string | undefined
  method: string
  route: string
  status: number
  durationS: number
  concern: ClientConcern | undefined
}

/** Why the caller was not let in, or which limit it passed. */
export type ClientConcern = { authFailure: string } | { limit: string }

export type ClientMetrics = { count(answer: ClientAnswer): void }

// Each client has some ten series for every route that it calls. Of more clients than this, those that come last are
// counted together.
const CLIENTS_MAX = 200

/** What API clients ask for and how they are answered, by client and route. */
export function createClientMetrics(registry: Registry): ClientMetrics {
  const registers = [registry]
  const requests = new Counter({
    name: 'parlance_client_requests_total',
    help: 'Requests of API clients that were answered; client is none where nobody knows who called.',
    labelNames: ['client', 'route', 'method'],
    registers,
  })
  const durations = new Histogram({
    name: 'parlance_client_request_duration_seconds',
    help: 'How long requests of API clients took.',
    labelNames: ['client', 'route'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5],
    registers,
  })
  const errors = new Counter({
    name: 'parlance_client_errors_total',
    help: 'Requests of API clients that were answered with a status of 400 or more.',
    labelNames: ['client', 'route', 'status'],
    registers,
  })
  const authFailures = new Counter({
    name: 'parlance_client_auth_failures_total',
    help: 'Requests that were refused because of their key, token, origin or address; client is whose public key they named.',
    labelNames: ['client', 'route', 'reason'],
    registers,
  })
  const limited = new Counter({
    name: 'parlance_client_rate_limited_total',
    help: 'Requests that were refused because a limit was reached.',
    labelNames: ['client', 'route', 'limit'],
    registers,
  })
  const labelOf = createClientLabels()
  return {
    count: ({ client: id, method, route, status, durationS, concern }) => {
      const client = labelOf(id)
      requests.inc({ client, route, method })
      durations.observe({ client, route }, durationS)
      if (status >= 400) errors.inc({ client, route, status })
      if (concern === undefined) return
      if ('limit' in concern) limited.inc({ client, route, limit: concern.limit })
      else authFailures.inc({ client, route, reason: concern.authFailure })
    },
  }
}

function createClientLabels(): (id: string | undefined) => string {
  const clients = new Set<string>()
  return (id) => {
    if (id === undefined) return 'none'
    if (clients.size < CLIENTS_MAX) clients.add(id)
    return clients.has(id) ? id : 'other'
  }
}
