import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { type Config, type Mode, rateLimitsOf } from './config.ts'
import { createContext } from './core/context.ts'
import { authenticate } from './core/sessions/authenticate.ts'
import { useTicket } from './core/sessions/use-ticket.ts'
import { WebhookDispatcher } from './core/webhooks/webhook-dispatcher.ts'
import { customerMessaging } from './dialects/customer-messaging/index.ts'
import { CLIENT_PATHS } from './dialects/customer-messaging/paths.ts'
import { presentEvent } from './dialects/customer-messaging/present-event.ts'
import { createSocketObjects as createCustomerObjects } from './dialects/customer-messaging/socket-objects.ts'
import { inbox } from './dialects/inbox/index.ts'
import { createSocketObjects as createInboxObjects } from './dialects/inbox/socket-objects.ts'
import { createErrorHandler } from './dialects/team-chat/errors.ts'
import { teamChat } from './dialects/team-chat/index.ts'
import { createSocketObjects } from './dialects/team-chat/socket-objects.ts'
import { watchRoutes } from './http/allowed-methods.ts'
import { addHealth } from './http/health.ts'
import { addMetrics } from './http/metrics.ts'
import { PageCache } from './http/page-cache.ts'
import { addReferencePage } from './http/pages.ts'
import type { Authenticate } from './http/request-context.ts'
import { createHttpServer, type HttpApp } from './http/server.ts'
import type { WebhookDoorsOptions } from './http/webhook-doors.ts'
import { addWebhookMetrics } from './http/webhook-metrics.ts'
import { type Carriage, openCarriage } from './integrations/open-carriage.ts'
import { migrateJobs } from './jobs/migrate-jobs.ts'
import { type Jobs, startJobs } from './jobs/start-jobs.ts'
import { migrate } from './platform/database/migrate.ts'
import type { Logger } from './platform/log.ts'
import { openServerSecret } from './platform/server-secret.ts'
import { createGateway, type Gateway } from './realtime/gateway.ts'
import { createCustomerMessagingSkin } from './realtime/skins/customer-messaging.ts'
import { createInboxSkin } from './realtime/skins/inbox.ts'
import { createTeamChatSkin } from './realtime/skins/team-chat.ts'
import { openRuntime, type Runtime } from './runtime.ts'
import { type DemoSignIns, seedDemo } from './seed/demo.ts'

export type RunningServer = {
  /** Where it answers. */
  url: string
  /** How to sign in to the demo workspace, where this start made it. */
  demo: DemoSignIns | undefined
  /** Takes no more requests, drains sockets and writes, and closes the database. */
  close(): Promise<void>
}

/** Migrates the database and serves all dialects on one port. */
export async function startServer(
  config: Config,
  { databaseUrl, log, mode }: { databaseUrl: string; log: Logger; mode: Mode },
): Promise<RunningServer> {
  await migrate(databaseUrl)
  await migrateJobs(databaseUrl, log)
  const secret = config.secret ?? (await openServerSecret(config.dataDir))
  let publicUrl = config.publicUrl
  const reachedAt = () => publicUrl ?? `http://${config.host}:${config.port}`
  const runtime = await openRuntime({
    databaseUrl,
    log,
    connectionsMax: config.databaseConnectionsMax,
    secret,
    bcryptCost: config.bcryptCost,
    limits: rateLimitsOf(config),
    publicUrl: reachedAt,
    filesFolder: filesFolderOf(config),
    fileBytesMax: config.limitFileBytes,
    webhookAllowPrivate: config.webhookAllowPrivate,
  })
  try {
    const carriage = openCarriage({ config, runtime, publicUrl: reachedAt })
    const { app, gateway, metrics } = await buildApp(config, runtime, { secret, doors: carriage.doors })
    // Production is never filled with anything by itself.
    const demo = mode === 'start' && config.seed ? await seedDemo(runtime.core) : undefined
    await app.listen({ host: config.host, port: config.port })
    publicUrl ??= urlOf(app)
    const jobs = startJobs({ core: runtime.core, databaseUrl, log })
    const webhooks = startWebhooks(runtime, metrics)
    await carriage.start()
    const drainMs = mode === 'start' ? 0 : config.drainS * 1_000
    return {
      url: urlOf(app),
      demo,
      close: () => closeAll({ app, gateway, jobs, webhooks, carriage, runtime, drainMs }),
    }
  } catch (error) {
    await runtime.close()
    throw error
  }
}

/** The HTTP server with all its routes and sockets, not yet listening. */
export async function buildApp(
  config: Config,
  runtime: Runtime,
  { secret, doors }: { secret: string; doors?: WebhookDoorsOptions },
): Promise<{ app: HttpApp; gateway: Gateway; metrics: Registry }> {
  const { core } = runtime
  const gateway = openGateway(config, runtime, secret)
  const app = await createHttpServer(config, CLIENT_PATHS)
  const authenticateBearer: Authenticate = (token, address) => authenticate(core, { token, address })
  const routes = watchRoutes(app as unknown as FastifyInstance)
  const metrics = addMetrics(app)
  addHealth(app, core)
  await app.register(async (scope) => {
    scope.setErrorHandler(createErrorHandler(core.log))
    gateway.registerHttp(scope as unknown as FastifyInstance)
  })
  app.server.on('upgrade', gateway.handleUpgrade)
  const pages = new PageCache(PAGES)
  runtime.addCache(pages)
  await app.register(teamChat, { core, authenticate: authenticateBearer, routes, pages })
  await app.register(customerMessaging, { core, routes, metrics: metrics.clients })
  await app.register(inbox, { core, authenticate: authenticateBearer, routes, doors })
  await addReferencePage(app, ['team-chat', 'customer-messaging', 'inbox'])
  return { app, gateway, metrics: metrics.registry }
}

// Signed URLs in a page are good for an hour at least.
const PAGES = { bytesMax: 64 * 1024 * 1024, ageMaxMs: 30 * 60 * 1_000 }

/** The sockets of all dialects; who has one open is online. */
function openGateway(config: Config, { core, tail }: Runtime, secret: string): Gateway {
  const gateway = createGateway({
    core,
    tail,
    secret,
    authentication: {
      byToken: (token, address) => authenticate(core, { token, address }),
      byTicket: (ticket, address) =>
        useTicket(createContext(core, { kind: 'anonymous', id: null, address }), { ticket }),
    },
    skins: {
      '/ws': createTeamChatSkin(createSocketObjects(core)),
      '/ws/customers': createCustomerMessagingSkin(createCustomerObjects),
      '/ws/conversations': createInboxSkin(core, createInboxObjects(core)),
    },
    allowedOrigins: config.allowedOrigins,
    limits: { connectionsMax: config.limitSockets, connectionsPerUserMax: config.limitSocketsPerUser },
  })
  core.ports.presence = gateway.presence
  return gateway
}

/** Sends the webhooks of all clients, in the words of the one dialect that has any. */
function startWebhooks({ core, clientEventFeed }: Runtime, metrics: Registry): WebhookDispatcher {
  const { countAttempt } = addWebhookMetrics(metrics, core)
  const webhooks = new WebhookDispatcher({
    core,
    present: presentEvent,
    onResult: ({ status }) => countAttempt(status),
  })
  clientEventFeed.listen(() => webhooks.wake())
  webhooks.start()
  return webhooks
}

function filesFolderOf({ storageUrl, dataDir }: Config): string {
  return storageUrl === null ? join(dataDir, 'files') : fileURLToPath(storageUrl)
}

type Parts = {
  app: HttpApp
  gateway: Gateway
  jobs: Jobs
  webhooks: WebhookDispatcher
  carriage: Carriage
  runtime: Runtime
  drainMs: number
}

// Sockets first, since the HTTP server waits for them; the database last, since all others use it.
async function closeAll({ app, gateway, jobs, webhooks, carriage, runtime, drainMs }: Parts): Promise<void> {
  await gateway.drain(drainMs)
  gateway.close()
  await app.close()
  await jobs.close()
  await webhooks.close()
  await carriage.close()
  await runtime.close()
}

function urlOf(app: HttpApp): string {
  const { address, family, port } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
