import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { silentLogger } from '../platform/log.ts'
import { createTestDatabase } from '../testing/database.ts'
import { JOB_SCHEMA_VERSION, migrateJobs } from './migrate-jobs.ts'

test('the version that is looked for is the one that the package brings', async (t) => {
  const { url, drop } = await createTestDatabase()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.after(async () => {
    await client.end()
    await drop()
  })
  const readVersion = async () =>
    (await client.query('select max(id) as id from graphile_worker.migrations')).rows[0].id
  await client.query('drop schema graphile_worker cascade')
  await migrateJobs(url, silentLogger)
  assert.equal(await readVersion(), JOB_SCHEMA_VERSION)
  await migrateJobs(url, silentLogger)
  assert.equal(await readVersion(), JOB_SCHEMA_VERSION)
})
