import pg from 'pg'
import type { Logger } from '../platform/log.ts'
import { createJobLogger } from './job-logger.ts'

/** The newest of graphile-worker's own migrations; a test compares it with the package. */
export const JOB_SCHEMA_VERSION = 20

/**
 * Brings the queue's schema to the version that the pinned graphile-worker knows. Needed before the first job is
 * added. On a database that is up to date this is one query: the package itself is then not even loaded.
 */
export async function migrateJobs(databaseUrl: string, log: Logger): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, application_name: 'parlance migrate' })
  // Both listeners, or graphile-worker adds its own and says so on the console.
  pool.on('error', (error) => log.warn({ err: error }, 'a database connection broke'))
  pool.on('connect', (client) => client.on('error', () => {}))
  try {
    if ((await readVersion(pool)) >= JOB_SCHEMA_VERSION) return
    const { runMigrations } = await import('graphile-worker')
    await runMigrations({ pgPool: pool, logger: await createJobLogger(log) })
  } finally {
    await pool.end()
  }
}

async function readVersion(pool: pg.Pool): Promise<number> {
  const table = await pool.query<{ name: string | null }>(
    "select to_regclass('graphile_worker.migrations')::text as name",
  )
  if (table.rows[0]!.name === null) return 0
  const { rows } = await pool.query<{ version: number | null }>(
    'select max(id) as version from graphile_worker.migrations',
  )
  return rows[0]!.version ?? 0
}
