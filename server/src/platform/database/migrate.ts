import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import { StartError } from '../start-error.ts'

const MIGRATIONS = new URL('../../../migrations/', import.meta.url)

// Any fixed number: two servers that start at once must not both migrate.
const MIGRATION_LOCK = 7_201_001

export type Migration = { version: number; name: string; sql: string }

/**
 * Brings the schema to this program's version, one transaction per file; a second server waits for the first.
 * Throws StartError where the schema is newer than the program, and leaves it untouched.
 */
export async function migrate(databaseUrl: string): Promise<{ applied: string[] }> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'parlance migrate' })
  await connect(client)
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const migrations = await readMigrations()
    const current = await readSchemaVersion(client)
    const newest = migrations.at(-1)!.version
    if (current > newest) {
      throw new StartError(
        `The database has schema version ${current}, but this program knows only ${newest}: start the newer version of Parlance that wrote it.`,
      )
    }
    const applied: string[] = []
    for (const migration of migrations.filter((m) => m.version > current)) {
      await apply(client, migration)
      applied.push(migration.name)
    }
    return { applied }
  } finally {
    await client.end()
  }
}

/** Refuses a database whose schema is not this program's, and changes nothing. */
export async function requireCurrentSchema(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'parlance' })
  await connect(client)
  try {
    const exists = await client.query<{ name: string | null }>("select to_regclass('schema_migrations')::text as name")
    const isEmpty = exists.rows[0]?.name === null
    const current = isEmpty ? 0 : await readSchemaVersion(client)
    const { version } = (await readMigrations()).at(-1)!
    if (current === version) return
    throw new StartError(
      `The database has schema version ${current} and this program knows ${version}: start this version of the server first, or run \`parlance migrate\`.`,
    )
  } finally {
    await client.end()
  }
}

export async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => ({
      version: Number(name.slice(0, 4)),
      name,
      sql: await readFile(new URL(name, MIGRATIONS), 'utf8'),
    })),
  )
}

async function connect(client: pg.Client) {
  try {
    await client.connect()
  } catch (error) {
    const reason = error instanceof Error && error.message ? error.message : String(error)
    throw new StartError(
      `PostgreSQL does not answer (${reason}): check PARLANCE_DATABASE_URL and that the server runs.`,
    )
  }
}

async function readSchemaVersion(client: pg.Client): Promise<number> {
  const exists = await client.query<{ name: string | null }>("select to_regclass('schema_migrations')::text as name")
  if (exists.rows[0]?.name === null) {
    const tables = await client.query('select 1 from pg_tables where schemaname = current_schema() limit 1')
    if (tables.rowCount) {
      throw new StartError('The database holds tables of another program: give Parlance a database of its own.')
    }
    const server = await client.query<{ version: number }>(
      "select current_setting('server_version_num')::int as version",
    )
    if (server.rows[0]!.version < 150_000) throw new StartError('Parlance needs PostgreSQL 15 or newer.')
    await client.query(
      'create table schema_migrations (version integer primary key, name text not null, applied_at timestamptz not null default now())',
    )
    return 0
  }
  const rows = await client.query<{ version: number | null }>('select max(version) as version from schema_migrations')
  return rows.rows[0]?.version ?? 0
}

async function apply(client: pg.Client, migration: Migration) {
  await client.query('begin')
  try {
    await client.query(migration.sql)
    await client.query('insert into schema_migrations (version, name) values ($1, $2)', [
      migration.version,
      migration.name,
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartError(`Migration ${migration.name} failed and was undone: ${reason}.`)
  }
}
