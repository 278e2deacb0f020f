import { randomUUIDv7 } from 'node:crypto'
import type { Config } from '../config.ts'
import { SYSTEM, type SystemActor } from '../core/actor.ts'
import { type Context, createContext } from '../core/context.ts'
import type { Ports } from '../core/ports.ts'
import { createSystemClock } from '../platform/clock.ts'
import { openDatabase } from '../platform/database/database.ts'
import { migrate, requireCurrentSchema } from '../platform/database/migrate.ts'
import { joinEmbeddedPostgres } from '../platform/embedded-postgres/join-embedded-postgres.ts'
import { silentLogger } from '../platform/log.ts'

/**
 * Runs operations of the core as the system, on the database that the server uses, whether or not it runs. What they
 * announce reaches running servers through the log. Only the database is there: no port.
 */
export async function withDatabase<T>(config: Config, work: (ctx: Context<SystemActor>) => Promise<T>): Promise<T> {
  if (config.databaseUrl !== null) {
    await requireCurrentSchema(config.databaseUrl)
    return onDatabase(config.databaseUrl, work)
  }
  const postgres = await joinEmbeddedPostgres(config.dataDir)
  // A PostgreSQL that runs for this command alone must not outlive it.
  process.once('exit', postgres.abandon)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
  try {
    if (postgres.isShared) await requireCurrentSchema(postgres.url)
    else await migrate(postgres.url)
    return await onDatabase(postgres.url, work)
  } finally {
    await postgres.stop()
  }
}

async function onDatabase<T>(url: string, work: (ctx: Context<SystemActor>) => Promise<T>): Promise<T> {
  const database = openDatabase({ url, connectionsMax: 2, applicationName: 'parlance command' })
  const core = {
    database,
    ports: NO_PORTS,
    log: silentLogger,
    clock: createSystemClock(),
    nodeId: randomUUIDv7(),
    onCommitted: () => {},
  }
  try {
    return await work(createContext(core, SYSTEM))
  } finally {
    await database.close()
  }
}

const NO_PORTS = new Proxy({} as Ports, {
  get: (_, name) => {
    throw new Error(`A command has no port ${String(name)}: only the database.`)
  },
})
