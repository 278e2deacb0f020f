import { randomUUIDv7 } from 'node:crypto'
import { loadConfig } from '../config.ts'
import type { Actor } from '../core/actor.ts'
import { type Context, type Core, createContext } from '../core/context.ts'
import type { Ports } from '../core/ports.ts'
import { createSystemClock } from '../platform/clock.ts'
import { openDatabase } from '../platform/database/database.ts'
import { migrate } from '../platform/database/migrate.ts'
import { reachEmbeddedPostgres } from '../platform/embedded-postgres/reach-embedded-postgres.ts'
import { createLogger } from '../platform/log.ts'

type Open = <A extends Actor>(actor: A) => Context<A>

/**
 * Runs a command of the administrator on the database of the environment: an outside one, or that of the data folder,
 * whether a server runs on it or not. Servers that run hear of what it changes by the event log.
 */
export async function withDatabase<T>(work: (open: Open) => Promise<T>): Promise<T> {
  const config = loadConfig(process.env, 'start')
  const reached =
    config.databaseUrl === null
      ? await reachEmbeddedPostgres(config.dataDir)
      : { url: config.databaseUrl, leave: async () => {} }
  try {
    await migrate(reached.url)
    const database = openDatabase({ url: reached.url, connectionsMax: 2, applicationName: 'parlance command' })
    try {
      const core: Core = {
        database,
        ports: NO_PORTS,
        log: createLogger('warn'),
        clock: createSystemClock(),
        nodeId: randomUUIDv7(),
        onCommitted: () => {},
      }
      return await work((actor) => createContext(core, actor))
    } finally {
      await database.close()
    }
  } finally {
    await reached.leave()
  }
}

/** A command has no caches, no writer and no limits: an operation that needs one is not for commands. */
const NO_PORTS = new Proxy({} as Ports, {
  get(_, name) {
    throw new Error(`A command has no ${String(name)}.`)
  },
})
