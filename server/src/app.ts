import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { type Config, rateLimitsOf } from './config.ts'
import { teamChat } from './dialects/team-chat/index.ts'
import { watchRoutes } from './http/allowed-methods.ts'
import { addHealth } from './http/health.ts'
import { addMetrics } from './http/metrics.ts'
import { addReferencePage } from './http/pages.ts'
import type { Authenticate } from './http/request-context.ts'
import { createHttpServer, type HttpApp } from './http/server.ts'
import { migrateJobs } from './jobs/migrate-jobs.ts'
import { type Jobs, startJobs } from './jobs/start-jobs.ts'
import { migrate } from './platform/database/migrate.ts'
import type { Logger } from './platform/log.ts'
import { openServerSecret } from './platform/server-secret.ts'
import { openRuntime, type Runtime } from './runtime.ts'

export type RunningServer = {
  /** Where it answers. */
  url: string
  /** Takes no more requests, drains sockets and writes, and closes the database. */
  close(): Promise<void>
}

/** Migrates the database and serves all dialects on one port. */
export async function startServer(
  config: Config,
  { databaseUrl, log }: { databaseUrl: string; log: Logger },
): Promise<RunningServer> {
  await migrate(databaseUrl)
  await migrateJobs(databaseUrl, log)
  let publicUrl = config.publicUrl
  const runtime = await openRuntime({
    databaseUrl,
    log,
    connectionsMax: config.databaseConnectionsMax,
    secret: config.secret ?? (await openServerSecret(config.dataDir)),
    bcryptCost: config.bcryptCost,
    limits: rateLimitsOf(config),
    publicUrl: () => publicUrl ?? `http://${config.host}:${config.port}`,
    filesFolder: filesFolderOf(config),
    fileBytesMax: config.limitFileBytes,
  })
  try {
    const app = await buildApp(config, runtime)
    await app.listen({ host: config.host, port: config.port })
    publicUrl ??= urlOf(app)
    const jobs = startJobs({ core: runtime.core, databaseUrl, log })
    return { url: urlOf(app), close: () => closeAll(app, jobs, runtime) }
  } catch (error) {
    await runtime.close()
    throw error
  }
}

/** The HTTP server with all its routes, not yet listening. */
export async function buildApp(config: Config, { core }: Runtime): Promise<HttpApp> {
  const app = await createHttpServer(config)
  const authenticate: Authenticate = () => Promise.reject(new Error('not yet'))
  const routes = watchRoutes(app as unknown as FastifyInstance)
  addMetrics(app)
  addHealth(app, core)
  await app.register(teamChat, { core, authenticate, routes })
  await addReferencePage(app, ['team-chat'])
  return app
}

function filesFolderOf({ storageUrl, dataDir }: Config): string {
  return storageUrl === null ? join(dataDir, 'files') : fileURLToPath(storageUrl)
}

async function closeAll(app: HttpApp, jobs: Jobs, runtime: Runtime): Promise<void> {
  await app.close()
  await jobs.close()
  await runtime.close()
}

function urlOf(app: HttpApp): string {
  const { address, family, port } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
