import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../server/src/platform/embedded-postgres/embedded-postgres.ts'
import { readParentPid } from '../load/cpu.ts'

const SETTINGS = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size']

/** One PostgreSQL for both servers, each in a database of its own. */
export type BenchDatabase = {
  folder: string
  /** For the files of the server under measurement; removed with the database. */
  filesFolder: string
  postmasterPid: number
  settings: Record<string, string>
  createDatabase(name: string): Promise<string>
  /** Does what PostgreSQL would do by itself within a minute, so that no phase pays for another: checkpoint and statistics. */
  settle(): Promise<void>
  stop(): Promise<void>
}

export async function startDatabase(): Promise<BenchDatabase> {
  // The server makes the folder itself, so that it may let PostgreSQL's own user in where this runs as root.
  const folder = join(tmpdir(), `parlance-bench-${randomBytes(6).toString('hex')}`)
  const filesFolder = `${folder}-files`
  const postgres = await startEmbeddedPostgres({ dataDir: folder }).catch(async (error) => {
    await rm(folder, { recursive: true, force: true })
    throw error
  })
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  const { rows } = await client.query('select pg_backend_pid() as pid')
  const urls: string[] = []
  return {
    folder,
    filesFolder,
    postmasterPid: readParentPid(rows[0].pid) ?? 0,
    settings: await readSettings(client),
    createDatabase: async (name) => {
      await client.query(`create database ${name}`)
      const url = new URL(postgres.url)
      url.pathname = `/${name}`
      urls.push(url.href)
      return url.href
    },
    settle: async () => {
      for (const url of urls) await runAlone(url, 'analyze')
      await client.query('checkpoint')
    },
    stop: async () => {
      await client.end()
      await postgres.stop()
      for (const one of [folder, filesFolder]) await rm(one, { recursive: true, force: true })
    },
  }
}

async function runAlone(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}

async function readSettings(client: pg.Client): Promise<Record<string, string>> {
  const text = 'select name, current_setting(name) as value from pg_settings where name = any($1)'
  const { rows } = await client.query<{ name: string; value: string }>(text, [SETTINGS])
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}
