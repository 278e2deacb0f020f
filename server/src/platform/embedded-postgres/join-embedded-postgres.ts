import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { FolderInUseError } from '../folder-lock.ts'
import { explainFileError, StartError } from '../start-error.ts'
import { findCluster } from './cluster-home.ts'
import { getPassword } from './create-cluster.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { connect, DATABASE, presentUrl } from './endpoint.ts'
import { findPostmaster } from './postmaster.ts'

export interface JoinedPostgres {
  url: string
  /** True where a server works on it too, false where it runs for the moment only. */
  isShared: boolean
  stop(): Promise<void>
  abandon(): void
}

// A server that starts or stops meanwhile is waited for.
const SETTLE_MS = 30_000
const POLL_MS = 100

/**
 * The PostgreSQL of a data folder for a short work beside the server: the one that runs, or one that is started for as
 * long as it takes. Makes no new database. Throws StartError with a sentence.
 */
export async function joinEmbeddedPostgres(dataDir: string): Promise<JoinedPostgres> {
  const folder = resolve(dataDir)
  const cluster = await requireCluster(folder)
  const giveUpAt = performance.now() + SETTLE_MS
  for (;;) {
    try {
      const postgres = await startEmbeddedPostgres({ dataDir })
      return { ...postgres, isShared: false }
    } catch (error) {
      if (!(error instanceof FolderInUseError)) throw error
    }
    const url = await findRunning(folder, cluster)
    if (url !== undefined) return { url, isShared: true, stop: async () => {}, abandon: () => {} }
    if (performance.now() > giveUpAt) {
      throw new StartError(
        `The server on ${folder} is starting or stopping, and its database does not answer: try again.`,
      )
    }
    await delay(POLL_MS)
  }
}

async function requireCluster(folder: string): Promise<string> {
  try {
    const cluster = await findCluster(folder)
    if (cluster !== undefined) return cluster
  } catch (error) {
    throw explainFileError(error, folder)
  }
  throw new StartError(
    `There is no Parlance database in ${folder}: start the server once, or set PARLANCE_DATA_DIR or PARLANCE_DATABASE_URL to where it is.`,
  )
}

async function findRunning(folder: string, cluster: string): Promise<string | undefined> {
  try {
    const postmaster = await findPostmaster(cluster)
    if (postmaster?.status !== 'ready') return undefined
    const password = await getPassword(folder, true)
    const client = await connect(postmaster.endpoint, password, DATABASE)
    await client.end()
    return presentUrl(postmaster.endpoint, password)
  } catch (error) {
    const explained = explainFileError(error, folder)
    if (explained instanceof StartError) throw explained
    return undefined
  }
}
