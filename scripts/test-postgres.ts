import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { getBinaries } from '../server/src/platform/embedded-postgres/binaries.ts'
import { findBarrier, getPostgresUser, isRoot, type OsUser } from '../server/src/platform/embedded-postgres/os-user.ts'

const run = promisify(execFile)
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 10_000
const OLDEST_MAJOR = 15

// What is in it is thrown away, so nothing waits for a disk.
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '128MB',
  max_wal_size: '4GB',
  timezone: 'UTC',
  log_min_messages: 'fatal',
}

export type TestPostgres = { url: string; version: string; stop(): Promise<void> }
type Programs = { initdb: string; postgres: string; locale: string[] }

/**
 * Starts a server for one run of the tests, in a new folder that `stop` removes; undefined where the machine has none
 * of its own.
 */
export async function startTestPostgres(source: 'embedded' | 'outside'): Promise<TestPostgres | undefined> {
  const user = isRoot() ? await getPostgresUser() : undefined
  const programs = source === 'embedded' ? await findEmbedded(user) : await findOutside()
  if (programs === undefined) return undefined
  const folder = await makeFolder(user)
  const options: SpawnOptions = { ...user, cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C' } }
  const password = await initialise(folder, programs, { user, options })
  const port = await findFreePort()
  const settings = { ...SETTINGS, port, listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const args = ['-D', join(folder, 'data'), ...flags]
  // A session of its own: Ctrl-C ends the tests first, and then the server that they use.
  const server = spawn(programs.postgres, args, { ...options, detached: true, stdio: 'ignore' })
  const stop = () => end(server, folder)
  try {
    const url = `postgres://parlance:${password}@127.0.0.1:${port}/postgres`
    return { url, version: await waitUntilReady(url, server), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Owner = { user: OsUser | undefined; options: SpawnOptions }

/** Makes the cluster; answers the password of its only user. */
async function initialise(folder: string, { initdb, locale }: Programs, { user, options }: Owner): Promise<string> {
  const password = randomBytes(12).toString('hex')
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (user) await chown(passwordFile, user.uid, user.gid)
  const access = ['--username=parlance', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  await run(initdb, [`--pgdata=${join(folder, 'data')}`, '--encoding=UTF8', '--no-sync', ...locale, ...access], options)
  return password
}

async function end(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    server.kill('SIGQUIT')
    await Promise.race([once(server, 'exit'), delay(STOP_TIMEOUT_MS, undefined, { ref: false })])
  }
  await rm(folder, { recursive: true, force: true })
}

async function findEmbedded(user: OsUser | undefined): Promise<Programs> {
  const { initdb, postgres } = await getBinaries(user)
  return { initdb, postgres, locale: ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'] }
}

/** The newest PostgreSQL of the machine itself that Parlance works with. */
async function findOutside(): Promise<Programs | undefined> {
  const debian = '/usr/lib/postgresql'
  const versions = await readdir(debian).catch(() => [])
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin'))
  for (const folder of [...folders, ...(process.env.PATH ?? '').split(delimiter)]) {
    const postgres = join(folder, 'postgres')
    const version = await run(postgres, ['--version']).catch(() => undefined)
    const major = Number(version?.stdout.match(/\d+/)?.[0] ?? 0)
    if (major >= OLDEST_MAJOR) return { initdb: join(folder, 'initdb'), postgres, locale: ['--locale=C.UTF-8'] }
  }
  return undefined
}

async function makeFolder(user: OsUser | undefined): Promise<string> {
  const parent = tmpdir()
  const isOutOfReach = user !== undefined && (await findBarrier(parent, user)) !== undefined
  const folder = await mkdtemp(join(isOutOfReach ? '/tmp' : parent, 'parlance-test-'))
  if (user) await chown(folder, user.uid, user.gid)
  return folder
}

async function findFreePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('A listening socket has no port.')
  return address.port
}

async function waitUntilReady(url: string, server: ChildProcess): Promise<string> {
  const giveUpAt = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      const { rows } = await client.query<{ version: string }>("select current_setting('server_version') as version")
      return rows[0]!.version
    } catch (error) {
      if (server.exitCode !== null || performance.now() > giveUpAt) throw error
      await delay(50)
    } finally {
      await client.end().catch(() => {})
    }
  }
}
