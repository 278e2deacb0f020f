import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { writeWhole } from '../data-folder.ts'
import { errorCode, StartError } from '../start-error.ts'
import type { Binaries } from './binaries.ts'
import type { ClusterHome } from './cluster-home.ts'
import { ROLE } from './endpoint.ts'
import { explainFailure } from './explain-failure.ts'
import { bareEnvironment } from './settings.ts'

const DRAFT_PREFIX = 'postgres.new-'

const INITDB_OPTIONS = [
  `--username=${ROLE}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  // Sorting by code point is the same on every machine and never changes with the system's libraries.
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--no-instructions',
  // Its own cleaning would free a full disk before anybody could see that it was full.
  '--no-clean',
]

const PASSWORD_FILE = 'postgres.password'

export async function readPostgresPassword(dataFolder: string): Promise<string> {
  return (await readFile(join(dataFolder, PASSWORD_FILE), 'utf8')).trim()
}

/** Reads the password of the cluster, made at its first start. */
export async function getPassword(dataFolder: string, hasCluster: boolean): Promise<string> {
  const file = join(dataFolder, PASSWORD_FILE)
  const found = await readPostgresPassword(dataFolder).catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (found) return found
  if (hasCluster)
    throw new StartError(
      `${file}, the password of this data folder's database, is missing: restore it from your backup.`,
    )
  const password = randomBytes(24).toString('base64url')
  await writeWhole(file, `${password}\n`)
  return password
}

/** Makes the cluster under another name and renames it when it is whole and on disk, so that a cut never leaves half of one. */
export async function createCluster(home: ClusterHome, binaries: Binaries, password: string): Promise<void> {
  await removeDrafts(home.path)
  const draft = join(home.path, DRAFT_PREFIX + randomBytes(4).toString('hex'))
  const passwordFile = `${draft}.password`
  try {
    await mkdir(draft, { mode: 0o700 })
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
    if (home.user) {
      await chown(draft, home.user.uid, home.user.gid)
      await chown(passwordFile, home.user.uid, home.user.gid)
    }
    await runInitdb(home, binaries, [...INITDB_OPTIONS, `--pgdata=${draft}`, `--pwfile=${passwordFile}`])
    await rename(draft, home.cluster)
    await syncFolder(home.path)
  } finally {
    await removeDrafts(home.path)
  }
}

export async function requireSameVersion(cluster: string, majorVersion: string): Promise<void> {
  const found = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch((error) => {
    if (errorCode(error) !== 'ENOENT') throw error
    throw new StartError(`${cluster} is not a whole PostgreSQL database: restore the data folder from your backup.`)
  })
  if (found.trim() === majorVersion) return
  throw new StartError(
    `The database in ${cluster} was made by PostgreSQL ${found.trim()} and this Parlance brings PostgreSQL ${majorVersion}: start it with the Parlance that made it, or move its data over with pg_dump.`,
  )
}

async function runInitdb(home: ClusterHome, binaries: Binaries, options: string[]): Promise<void> {
  // Detached, so that Ctrl-C in the terminal does not reach it: a first start ends cleanly once it is done.
  const child = spawn(binaries.initdb, options, {
    ...home.user,
    cwd: '/',
    detached: true,
    windowsHide: true,
    env: bareEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [code, output] = await Promise.all([
    new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
    text(child.stderr),
  ]).catch((cause) => {
    throw new StartError(`PostgreSQL's initdb cannot run on this machine: ${cause.message}`, { cause })
  })
  if (code !== 0)
    throw await explainFailure({ output, folder: home.path, what: 'PostgreSQL could not make its database' })
}

async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(DRAFT_PREFIX)) continue
    // Retries, because an initdb whose parent was killed may still be writing.
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder.
  if (process.platform === 'win32') return
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
