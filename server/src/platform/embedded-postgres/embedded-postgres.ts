/**
 * PostgreSQL as a part of Parlance. One server owns a data folder: it holds the folder's lock from before the first look at
 * the cluster until PostgreSQL has ended. PostgreSQL itself runs in a session of its own, so it outlives whatever ends
 * Parlance; a stop ends it after the server has drained, and after a crash the next start takes it over or recovers.
 */
import { join } from 'node:path'
import { openDataFolder } from '../data-folder.ts'
import { lockFolder } from '../folder-lock.ts'
import { errorCode, explainFileError, StartError } from '../start-error.ts'
import { adoptPostmaster } from './adopt-postmaster.ts'
import { getBinaries } from './binaries.ts'
import { type ClusterHome, findClusterHome } from './cluster-home.ts'
import { createCluster, getPassword, requireSameVersion } from './create-cluster.ts'
import { connect, DATABASE, makeEndpoint, presentUrl, removeEndpoint } from './endpoint.ts'
import { explainFailure } from './explain-failure.ts'
import { type Launch, launchPostmaster } from './launch-postmaster.ts'
import { boundLog } from './log-file.ts'
import { stopPostmaster } from './postmaster.ts'
import { supervise } from './supervise.ts'

export interface EmbeddedPostgres {
  url: string
  /** Ends PostgreSQL, waits until it has, and lets the data folder go. */
  stop(): Promise<void>
  /** Asks PostgreSQL to end and does not wait, for a process that must go at once. */
  abandon(): void
}

interface Options {
  dataDir: string
  /** Told in one line each what a person should know. */
  log?: (line: string) => void
}

/** Starts PostgreSQL on the data folder, made at its first start. Throws StartError with a sentence for the person who started it. */
export async function startEmbeddedPostgres({ dataDir, log = () => {} }: Options): Promise<EmbeddedPostgres> {
  const folder = await openDataFolder(dataDir)
  let home: ClusterHome | undefined
  const releaseFolder = lockFolder(folder.path)
  const release = () => {
    home?.release()
    releaseFolder()
  }
  try {
    home = await findClusterHome(folder, log)
    const binaries = await getBinaries(home.user)
    const password = await getPassword(folder.path, home.hasCluster)
    if (home.hasCluster) await requireSameVersion(home.cluster, binaries.majorVersion)
    else await createCluster(home, binaries, password)

    const logFile = join(folder.path, 'postgres.log')
    await boundLog(logFile)
    const adopted = home.hasCluster ? await adoptPostmaster(home, binaries, password) : undefined
    const launch = { home, binaries, logFile, endpoint: adopted?.endpoint ?? (await makeEndpoint(home.user)) }
    const pid = adopted?.pid ?? (await launchFirst(launch))
    await requireDatabase(launch, pid, password)

    const supervised = supervise({ launch, pid, log })
    let stopping: Promise<void> | undefined
    return {
      url: presentUrl(launch.endpoint, password),
      stop: () => {
        stopping ??= supervised.stop().finally(release)
        return stopping
      },
      abandon: supervised.abandon,
    }
  } catch (error) {
    release()
    throw explainFileError(error, folder.path)
  }
}

async function launchFirst(launch: Launch): Promise<number> {
  try {
    return await launchPostmaster(launch)
  } catch (error) {
    await removeEndpoint(launch.endpoint)
    throw error
  }
}

// A new cluster lacks it, and a first start can be cut short before it is there.
async function requireDatabase(launch: Launch, pid: number, password: string): Promise<void> {
  const { endpoint, home, binaries } = launch
  try {
    const isThere = await hasDatabase(endpoint, password)
    if (!isThere) await nameDatabase(endpoint, password)
  } catch (error) {
    await stopPostmaster(pid, home.cluster, binaries)
    await removeEndpoint(endpoint)
    if (errorCode(error) === '28P01') {
      throw new StartError(
        'The password kept in the data folder is not that of its database: restore postgres.password from your backup.',
      )
    }
    const output = error instanceof Error ? error.message : String(error)
    throw await explainFailure({ output, folder: home.path, what: 'PostgreSQL started and refused to work' })
  }
}

async function hasDatabase(endpoint: Launch['endpoint'], password: string): Promise<boolean> {
  try {
    const client = await connect(endpoint, password, DATABASE)
    await client.end()
    return true
  } catch (error) {
    if (errorCode(error) === '3D000') return false
    throw error
  }
}

async function nameDatabase(endpoint: Launch['endpoint'], password: string): Promise<void> {
  const client = await connect(endpoint, password, 'template1')
  try {
    // Nobody needs the database that every cluster comes with; a rename takes no time, a new one a fifth of a second.
    await client.query(`alter database postgres rename to ${DATABASE}`)
  } finally {
    await client.end()
  }
}
