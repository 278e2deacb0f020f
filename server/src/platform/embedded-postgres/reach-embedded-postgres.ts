import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { StartError } from '../start-error.ts'
import { findCluster } from './cluster-home.ts'
import { readPostgresPassword } from './create-cluster.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { connect, DATABASE, presentUrl } from './endpoint.ts'
import { findPostmaster } from './postmaster.ts'

export interface ReachedPostgres {
  url: string
  /** Leaves it as it was found: running, or ended. */
  leave(): Promise<void>
}

/** The database of a data folder, beside the server that runs on it or without one: then it is started for a while. */
export async function reachEmbeddedPostgres(dataDir: string): Promise<ReachedPostgres> {
  const folder = resolve(dataDir)
  const isThere = await access(join(folder, 'postgres.password')).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    throw new StartError(
      `There is no database in ${folder} yet: start Parlance once, or set PARLANCE_DATA_DIR or PARLANCE_DATABASE_URL to where it is.`,
    )
  }
  const running = await findRunning(folder)
  if (running !== undefined) return { url: running, leave: async () => {} }
  const started = await startEmbeddedPostgres({ dataDir })
  return { url: started.url, leave: () => started.stop() }
}

async function findRunning(folder: string): Promise<string | undefined> {
  const postmaster = await findPostmaster(await findCluster(folder)).catch(() => undefined)
  if (postmaster === undefined) return undefined
  const password = await readPostgresPassword(folder)
  const client = await connect(postmaster.endpoint, password, DATABASE).catch(() => undefined)
  if (client === undefined) return undefined
  await client.end()
  return presentUrl(postmaster.endpoint, password)
}
