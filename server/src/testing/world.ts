import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { loadConfig, rateLimitsOf } from '../config.ts'
import type { AnonymousActor, UserActor } from '../core/actor.ts'
import { type Context, createContext } from '../core/context.ts'
import type { LimitName, RateLimit } from '../core/limits/rate-limits.ts'
import type { LoggedEvent } from '../core/log/events.ts'
import { type LogTail, readEventsAfter } from '../core/log/log-tail.ts'
import type { Timestamp } from '../platform/clock.ts'
import { silentLogger } from '../platform/log.ts'
import { openRuntime, type Runtime } from '../runtime.ts'
import { type CastIds, createCast, type Name } from './cast.ts'
import { createTestDatabase } from './database.ts'
import { requireEventTruth, takeSnapshot } from './event-truth.ts'

export type TestWorld = {
  runtime: Runtime
  databaseUrl: string
  /** Where the bytes of files are; there only once one was written. */
  filesFolder: string
  tail: LogTail
  /** A person of the cast as the caller of an operation. */
  as(name: Name): Context<UserActor>
  /** The same for somebody whom the test made, in one of their sessions. */
  asUser(userId: string, sessionId?: string): Context<UserActor>
  /** Somebody who has not signed in. */
  anonymous(address?: string): Context<AnonymousActor>
  ids: CastIds
  /** The events that the test caused, in order. */
  events(): Promise<LoggedEvent[]>
  /** Sets the time that operations see; it stands still until it is set again. */
  setNow(at: Timestamp): void
  /** A further node on the same database. */
  openNode(): Promise<Runtime>
}

export type TestWorldOptions = {
  /** Leave out where the test writes rows behind the operations' back. */
  eventTruth?: boolean
  /** Those of the default configuration where it says nothing. */
  limits?: Partial<Record<LimitName, RateLimit>>
}

/**
 * A database of its own with the cast in it, and the core on top. At the test's end the events that it caused are
 * applied to what stood there before, and must give what stands there then.
 */
export async function testWorld(t: TestContext, options: TestWorldOptions = {}): Promise<TestWorld> {
  const { url: databaseUrl, drop } = await createTestDatabase()
  const filesFolder = join(tmpdir(), `parlance-test-${randomUUID()}`)
  let now: Timestamp | undefined
  const clock = () => now ?? new Date().toISOString()
  const nodes: Runtime[] = []
  const openNode = async () => {
    const node = await openRuntime({
      databaseUrl,
      log: silentLogger,
      clock,
      connectionsMax: 10,
      secret: 'only for tests, and long enough for them',
      bcryptCost: 4,
      limits: { ...rateLimitsOf(loadConfig({}, 'start')), ...options.limits },
      publicUrl: () => 'https://parlance.test',
      filesFolder,
      fileBytesMax: 1_000_000,
      webhookAllowPrivate: ['127.0.0.0/8'],
    })
    nodes.push(node)
    return node
  }
  const runtime = await openNode()
  const { core, tail } = runtime
  const ids = await createCast(core)
  const before = await takeSnapshot(core.database)
  const events = () => readEventsAfter(core.database, 0, 1_000_000)
  t.after(async () => {
    try {
      if (options.eventTruth !== false) await requireEventTruth(core.database, before, await events())
    } finally {
      await Promise.all(nodes.map((node) => node.close()))
      await drop()
      await rm(filesFolder, { recursive: true, force: true })
    }
  })
  const asUser = (id: string, sessionId = id) =>
    createContext<UserActor>(core, { kind: 'user', id, sessionId, address: '192.0.2.1' })
  return {
    runtime,
    databaseUrl,
    filesFolder,
    tail,
    as: (name) => asUser(ids[name]),
    asUser,
    anonymous: (address = '192.0.2.1') => createContext(core, { kind: 'anonymous', id: null, address }),
    ids,
    events,
    setNow: (at) => {
      now = at
    },
    openNode,
  }
}
