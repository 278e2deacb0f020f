import { randomUUIDv7 } from 'node:crypto'
import type { Core } from './core/context.ts'
import { AccessCache } from './core/conversations/access-cache.ts'
import { loadAccess } from './core/conversations/queries.ts'
import { createFileUrls } from './core/files/file-urls.ts'
import type { LoggedEvent } from './core/log/events.ts'
import { LogTail } from './core/log/log-tail.ts'
import { MessageWriter } from './core/messages/message-writer.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { deriveKey } from './platform/crypto/derive-key.ts'
import { openDatabase, openPool } from './platform/database/database.ts'
import type { Logger } from './platform/log.ts'
import { createDiskStorage } from './platform/storage/disk.ts'

export type RuntimeOptions = {
  databaseUrl: string
  log: Logger
  clock?: Clock
  connectionsMax: number
  /** Signs URLs; 32 characters or more, the same on every node. */
  secret: string
  /** Where people reach the server; asked anew each time, since a free port is only known once it is taken. */
  publicUrl(): string
  filesFolder: string
  fileBytesMax: number
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
  const clock = options.clock ?? systemClock
  const files = createFileUrls({
    publicUrl: options.publicUrl,
    key: deriveKey(options.secret, 'file urls'),
    bytesMax: options.fileBytesMax,
    clock,
  })
  const storage = createDiskStorage(options.filesFolder)
  const ports = { messageWriter, access, presence: { isOnline: () => false }, files, storage }
  const core: Core = { database, ports, log, clock, nodeId, onCommitted }
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
