import { sql } from 'kysely'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Core } from '../core/context.ts'

/** Deliveries that one reading of the metrics looks at. */
const PENDING_MAX = 100_000

/** Counts attempts, and shows how much waits: in the whole database, so the same on every node. */
export function addWebhookMetrics(registry: Registry, { database, clock, log }: Core) {
  const attempts = new Counter({
    name: 'parlance_webhook_attempts_total',
    help: 'Attempts to deliver a webhook, by what came of the delivery: delivered, failed (given up), pending (again later).',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const readPending = async () => {
    try {
      const { rows } = await sql<{ count: number; oldest: string | null }>`
        select count(*) as count, min(created_at) as oldest from (
          select created_at from webhook_deliveries where status = 'pending' limit ${PENDING_MAX}
        ) d`.execute(database.kysely)
      return rows[0]!
    } catch (error) {
      // The other metrics are wanted most while the database is away.
      log.warn({ err: error }, 'pending webhooks cannot be counted')
      return undefined
    }
  }
  new Gauge({
    name: 'parlance_webhook_pending_deliveries',
    help: `Deliveries that are not finished, up to ${PENDING_MAX}.`,
    registers: [registry],
    async collect() {
      this.set((await readPending())?.count ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'parlance_webhook_oldest_pending_age_seconds',
    help: 'How long ago the oldest pending delivery was made; 0 where none is.',
    registers: [registry],
    async collect() {
      const pending = await readPending()
      const age = pending && (pending.oldest === null ? 0 : Date.parse(clock()) - Date.parse(pending.oldest))
      this.set(age === undefined ? Number.NaN : Math.max(0, age) / 1_000)
    },
  })
  return { countAttempt: (outcome: 'delivered' | 'failed' | 'pending') => attempts.inc({ outcome }) }
}
