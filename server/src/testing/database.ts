import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import pg from 'pg'
import { migrate } from '../platform/database/migrate.ts'

/** Where the test run's PostgreSQL is; `npm test` sets it. */
export function testServerUrl(): string {
  const url = process.env.PARLANCE_TEST_DATABASE_URL
  if (!url) throw new Error('PARLANCE_TEST_DATABASE_URL is not set: run the tests with `npm test`.')
  return url
}

/** A migrated database of the test's own, dropped at its end. */
export async function createTestDatabase(t: Pick<TestContext, 'after'>): Promise<string> {
  const name = `parlance_test_${randomBytes(6).toString('hex')}`
  await runOnServer(`create database ${name}`)
  t.after(() => runOnServer(`drop database if exists ${name} with (force)`))
  const url = databaseUrl(testServerUrl(), name)
  await migrate(url)
  return url
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
