import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { JOB_SCHEMA_VERSION, migrateJobs } from '../jobs/migrate-jobs.ts'
import { migrate, readMigrations } from '../platform/database/migrate.ts'
import { silentLogger } from '../platform/log.ts'

/** Where the test run's PostgreSQL is; `npm test` sets it. */
export function testServerUrl(): string {
  const url = process.env.PARLANCE_TEST_DATABASE_URL
  if (!url) throw new Error('PARLANCE_TEST_DATABASE_URL is not set: run the tests with `npm test`.')
  return url
}

export type TestDatabase = { url: string; drop(): Promise<void> }

/** A migrated database of the test's own. Hooks of node:test run first come first, so the caller drops it last. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `parlance_test_${randomBytes(6).toString('hex')}`
  const template = await nameTemplate()
  await onServer(async (client) => {
    // Shared with other copies, but not with somebody who makes or replaces a template.
    await client.query('select pg_advisory_lock_shared($1)', [TEMPLATE_LOCK])
    if (!(await exists(client, template))) {
      await client.query('select pg_advisory_unlock_shared($1)', [TEMPLATE_LOCK])
      await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
      if (!(await exists(client, template))) await makeTemplate(client, template)
    }
    await client.query(`create database ${name} template ${template}`)
  })
  const drop = () => onServer((client) => client.query(`drop database if exists ${name} with (force)`))
  return { url: databaseUrl(testServerUrl(), name), drop: async () => void (await drop()) }
}

// Any fixed number that nothing else locks on the server's own database.
const TEMPLATE_LOCK = 7_201_900
const TEMPLATE_PREFIX = 'parlance_template_'

/** One template for each state of the migrations: copying it takes a fraction of the time of migrating. */
async function nameTemplate(): Promise<string> {
  const hash = createHash('sha256').update(String(JOB_SCHEMA_VERSION))
  for (const { name, sql } of await readMigrations()) hash.update(name).update(sql)
  return TEMPLATE_PREFIX + hash.digest('hex').slice(0, 16)
}

async function makeTemplate(client: pg.Client, template: string): Promise<void> {
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database where datname like $1', [
    `${TEMPLATE_PREFIX}%`,
  ])
  for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`)
  const unfinished = `${TEMPLATE_PREFIX}unfinished`
  await client.query(`create database ${unfinished}`)
  const url = databaseUrl(testServerUrl(), unfinished)
  await migrate(url)
  await migrateJobs(url, silentLogger)
  await client.query(`alter database ${unfinished} rename to ${template}`)
}

async function exists(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
  return rowCount === 1
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: testServerUrl() })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
