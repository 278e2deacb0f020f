import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { readMigrations } from '../../server/src/platform/database/migrate.ts'

const run = promisify(execFile)
const CODEGEN = fileURLToPath(import.meta.resolve('kysely-codegen/dist/cli/bin.js'))

// As the database handle reads them: see platform/database/database.ts.
const TYPES = { timestamptz: 'string', int8: 'number', json: 'unknown', jsonb: 'unknown' }

/** TypeScript types of the tables that the migrations make in an empty database. */
export async function generateDatabaseTypes(databaseUrl: string): Promise<string> {
  await applyMigrations(databaseUrl)
  const folder = await mkdtemp(join(tmpdir(), 'parlance-types-'))
  const file = join(folder, 'schema.ts')
  try {
    const options = ['--dialect', 'postgres', '--camel-case', '--no-domains', '--type-mapping', JSON.stringify(TYPES)]
    await run(process.execPath, [CODEGEN, '--url', databaseUrl, ...options, '--out-file', file], { cwd: folder })
    return await readFile(file, 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function applyMigrations(databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (const migration of await readMigrations()) await client.query(migration.sql)
  } finally {
    await client.end()
  }
}
