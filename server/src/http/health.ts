import { sql } from 'kysely'
import type { Core } from '../core/context.ts'
import type { HttpApp } from './server.ts'

/** `/healthz`: the process answers. `/readyz`: its database answers too. */
export function addHealth(app: HttpApp, core: Core): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ status: 'ok' }))
  app.get('/readyz', { schema: { hide: true } }, async (_req, reply) => {
    try {
      await sql`select 1`.execute(core.database.kysely)
      return { status: 'ok' }
    } catch {
      return reply.code(503).header('retry-after', '1').send({ status: 'unavailable', database: 'does not answer' })
    }
  })
}
