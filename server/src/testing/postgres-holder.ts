import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import pg from 'pg'
import { removeEndpoint } from '../platform/embedded-postgres/endpoint.ts'
import type { OsUser } from '../platform/embedded-postgres/os-user.ts'
import { findClusterProcesses, findPostmaster } from '../platform/embedded-postgres/postmaster.ts'

/** A process that runs an embedded PostgreSQL as a server does, and can be killed as a server can. */
export interface Holder {
  pid: number
  url: string
  /** The lines that the start told its person. */
  lines: string[]
  stop(): Promise<void>
  /** Ends the process alone, at once, as `kill -9` does; PostgreSQL stays. */
  kill(): Promise<void>
}

type Message = { line: string } | { url: string } | { refused: string } | { stopped: true }

const HOLDER = `
import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../platform/embedded-postgres/embedded-postgres.ts', import.meta.url).href)}
try {
  const postgres = await startEmbeddedPostgres({ dataDir: process.argv[1], log: (line) => process.send({ line }) })
  const stop = async () => {
    await postgres.stop()
    if (process.connected) process.send({ stopped: true }, () => process.disconnect())
  }
  process.once('message', stop)
  process.once('disconnect', stop)
  process.send({ url: postgres.url })
} catch (error) {
  process.send({ refused: error.name === 'StartError' ? error.message : error.stack }, () => process.disconnect())
}`

/** Starts PostgreSQL in a process of its own. Rejects with the sentence of a start that was refused. */
export async function startHolder(dataDir: string, user?: OsUser): Promise<Holder> {
  const child = spawnHolder(dataDir, user)
  const lines: string[] = []
  const { url } = await new Promise<{ url: string }>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('line' in message) lines.push(message.line)
      if ('url' in message) resolve(message)
      if ('refused' in message) reject(new Error(message.refused))
    })
    child.once('exit', (code, signal) => reject(new Error(`The holder ended (${code ?? signal}).`)))
  })
  const exit = once(child, 'exit')
  return {
    pid: child.pid!,
    url,
    lines,
    stop: async () => {
      child.send('stop')
      await exit
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exit
    },
  }
}

/** For tests that end it before it is ready. */
export function spawnHolder(dataDir: string, user?: OsUser) {
  return spawn(process.execPath, ['--input-type=module', '--eval', HOLDER, dataDir], {
    ...user,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

export interface TestFolder {
  folder: string
  /** A data folder in it, not yet made. */
  dataDir: string
  /** Runs at the end, before the folder goes; hooks of node:test run first come first. */
  atEnd(cleanup: () => Promise<unknown>): void
}

/** A folder that the cluster's account can pass through; at the end whatever PostgreSQL is left in `data` goes with it. */
export async function makeTestFolder(t: TestContext, user?: OsUser): Promise<TestFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-embedded-'))
  await chmod(folder, 0o755)
  if (user) await chown(folder, user.uid, user.gid)
  const dataDir = join(folder, 'data')
  const cleanups: (() => Promise<unknown>)[] = [() => endLeftovers(dataDir)]
  t.after(async () => {
    for (const cleanup of cleanups) await cleanup()
    await rm(folder, { recursive: true, force: true })
  })
  return { folder, dataDir, atEnd: (cleanup) => cleanups.push(cleanup) }
}

/** Ends the PostgreSQL of a data folder, however it was left, and removes what is kept outside the folder. */
export async function endLeftovers(dataDir: string): Promise<void> {
  const elsewhere = (await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(() => '')).trim()
  const cluster = join(elsewhere || dataDir, 'postgres')
  const postmaster = await findPostmaster(cluster).catch(() => undefined)
  if (postmaster) {
    await killPostgres(cluster)
    await removeEndpoint(postmaster.endpoint)
  }
  if (elsewhere) await rm(elsewhere, { recursive: true, force: true })
}

/** Ends the cluster's server and its sessions without giving them time to tidy up. */
export async function killPostgres(cluster: string): Promise<number | undefined> {
  const postmaster = await findPostmaster(cluster)
  if (!postmaster) return undefined
  for (const pid of await findClusterProcesses(cluster, postmaster.pid)) process.kill(pid, 'SIGKILL')
  return postmaster.pid
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(sql)
    return rows
  } finally {
    await client.end()
  }
}
