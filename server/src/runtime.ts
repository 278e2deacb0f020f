import { randomUUIDv7 } from 'node:crypto'
import type { Core } from './core/context.ts'
import { AccessCache } from './core/conversations/access-cache.ts'
import { loadAccess } from './core/conversations/queries.ts'
import type { LoggedEvent } from './core/log/events.ts'
import { LogTail } from './core/log/log-tail.ts'
import { MessageWriter } from './core/messages/message-writer.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { openDatabase, openPool } from './platform/database/database.ts'
import type { Logger } from './platform/log.ts'

export type RuntimeOptions = {
  databaseUrl: string
  log: Logger
  clock?: Clock
  connectionsMax: number
}

/** The core with all that it owns: what every way to run Parlance (server, commands, tests) begins with. */
export type Runtime = { core: Core; tail: LogTail; close(): Promise<void> }

export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { databaseUrl, log } = options
  const nodeId = randomUUIDv7()
  const onError = (error: Error) => log.warn({ err: error }, 'a database connection broke')
  const database = openDatabase({ url: databaseUrl, connectionsMax: options.connectionsMax, onError })
  const writerPool = openPool({
    url: databaseUrl,
    connectionsMax: 1,
    applicationName: 'parlance writer',
    settings: { plan_cache_mode: 'force_generic_plan' },
    onError,
  })
  const tail = new LogTail({ database, databaseUrl, nodeId, log })
  const access = new AccessCache({
    load: (userId, conversationId) => loadAccess(database.kysely, userId, conversationId),
    conversationsMax: 50_000,
  })
  const onCommitted = (events: LoggedEvent[]) => {
    access.apply(events)
    tail.offer(events)
  }
  const messageWriter = new MessageWriter({
    pool: writerPool,
    nodeId,
    batchMax: 200,
    queueMax: 20_000,
    retryForMs: 15_000,
    onCommitted,
  })
  const ports = { messageWriter, access, presence: { isOnline: () => false } }
  const core: Core = { database, ports, log, clock: options.clock ?? systemClock, nodeId, onCommitted }
  tail.listen((events) => access.apply(events))
  await tail.start()
  return {
    core,
    tail,
    close: async () => {
      await messageWriter.close()
      await tail.close()
      await writerPool.end()
      await database.close()
    },
  }
}
