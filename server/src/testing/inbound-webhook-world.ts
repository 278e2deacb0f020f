import type { TestContext } from 'node:test'
import { SYSTEM, type SystemActor } from '../core/actor.ts'
import { type Context, createContext } from '../core/context.ts'
import {
  InboundWebhookDispatcher,
  type InboundWebhookDispatcherOptions,
} from '../core/inbound-webhooks/inbound-webhook-dispatcher.ts'
import { InboundWebhookWriter } from '../core/inbound-webhooks/inbound-webhook-writer.ts'
import type { Appliers, InboundStatus } from '../core/inbound-webhooks/schema.ts'
import { type StoreInboundWebhook, storeInboundWebhook } from '../core/inbound-webhooks/store-inbound-webhook.ts'
import type { ApplyResult } from '../core/inbound-webhooks/write-apply-results.ts'
import type { Runtime } from '../runtime.ts'
import { until } from './client-world.ts'
import { type TestWorld, testWorld } from './world.ts'

export type InboundWebhookWorld = TestWorld & {
  system: Context<SystemActor>
  /** Stores a webhook of the kind `test` with this key as its body, unless said otherwise. */
  store(key: string, rest?: Partial<StoreInboundWebhook>): Promise<{ isRepeat: boolean }>
  /** Applies on a node, the first one unless said, until the test ends. Only the first polls by itself. */
  startApplying(
    appliers: Appliers,
    options?: Partial<InboundWebhookDispatcherOptions>,
    node?: Runtime,
  ): InboundWebhookDispatcher
  /** Every attempt of all dispatchers, in order. */
  results: ApplyResult[]
  read(key: string): Promise<InboundRow>
  untilStatus(key: string, status: InboundStatus): Promise<InboundRow>
  /** Waits until so many attempts were written down. */
  untilAttempts(key: string, count: number): Promise<InboundRow>
}

export type InboundRow = Awaited<ReturnType<typeof readRow>>

export async function inboundWebhookWorld(t: TestContext): Promise<InboundWebhookWorld> {
  const dispatchers: InboundWebhookDispatcher[] = []
  // Before the world's own end, which takes their database away.
  t.after(() => Promise.all(dispatchers.map((one) => one.close(0))))
  const world = await testWorld(t)
  const { core } = world.runtime
  const writer = new InboundWebhookWriter({
    pool: core.database.pool,
    clock: core.clock,
    onStored: () => dispatchers[0]?.wake(),
  })
  const results: ApplyResult[] = []
  const read = (key: string) => readRow(core.database.kysely, key)
  return {
    ...world,
    system: createContext(core, SYSTEM),
    results,
    store: (key, rest = {}) =>
      storeInboundWebhook(writer, {
        kind: 'test',
        key,
        url: 'https://parlance.test/in',
        headers: {},
        keepHeaders: [],
        body: Buffer.from(key),
        ...rest,
      }),
    startApplying(appliers, options = {}, node = world.runtime) {
      const onResult = (result: ApplyResult) => void results.push(result)
      const pollMs = dispatchers.length === 0 ? 20 : 600_000
      const dispatcher = new InboundWebhookDispatcher({ core: node.core, appliers, pollMs, onResult, ...options })
      dispatchers.push(dispatcher)
      dispatcher.start()
      return dispatcher
    },
    read,
    untilStatus: (key, status) =>
      until(`${key} is ${status}`, async () => {
        const row = await read(key)
        return row.status === status && row
      }),
    untilAttempts: (key, count) =>
      until(`${key} was attempted ${count} times`, async () => {
        const row = await read(key)
        const written = results.filter(({ id, number }) => id === row.id && number === count)
        return written.some(({ dueAt }) => dueAt === row.dueAt) && row
      }),
  }
}

function readRow(db: Context['db'], key: string) {
  return db.selectFrom('inboundWebhooks').selectAll().where('key', '=', key).executeTakeFirstOrThrow()
}
