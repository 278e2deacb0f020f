import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../platform/database/migrate.ts'

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
  await runOnServer(`create database ${name}`)
  const url = databaseUrl(testServerUrl(), name)
  await migrate(url)
  return { url, drop: () => runOnServer(`drop database if exists ${name} with (force)`) }
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

async function runOnServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: testServerUrl() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
