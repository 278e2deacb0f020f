import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DataFolder, writeWhole } from '../data-folder.ts'
import { lockFolder } from '../folder-lock.ts'
import { errorCode, explainFileError, StartError } from '../start-error.ts'
import { findBarrier, getPostgresUser, isRoot, type OsUser, SYSTEM_FOLDER } from './os-user.ts'

export interface ClusterHome {
  /** The folder around the cluster: the data folder, or one of our own that the account can enter. */
  path: string
  /** The cluster itself, PostgreSQL's data directory. */
  cluster: string
  hasCluster: boolean
  /** Undefined: PostgreSQL runs as whoever runs Parlance. */
  user: OsUser | undefined
  release(): void
}

const POINTER = 'postgres.location'

/** Decides where the cluster lives and as whom PostgreSQL runs; the answer is the same on every later start. */
export async function findClusterHome(folder: DataFolder, log: (line: string) => void): Promise<ClusterHome> {
  const pointer = await readPointer(folder.path)
  const path = pointer ?? folder.path
  const cluster = join(path, 'postgres')
  const owner = await findOwner(cluster)
  const found = { path, cluster, hasCluster: owner !== undefined, release: () => {} }
  if (!isRoot()) return { ...found, user: requireSameUser(owner, cluster) }

  const user = owner && owner.uid !== 0 ? owner : await getPostgresUser()
  if (pointer) return { ...found, user, release: lockFolder(pointer) }

  // The account may enter a folder that this start made, and nobody else may; folders of others stay as they are.
  if (folder.isNew) {
    await chown(folder.path, 0, user.gid)
    await chmod(folder.path, 0o710)
  }
  const barrier = await findBarrier(folder.path, user)
  if (!barrier) return { ...found, user }
  if (owner) {
    throw new StartError(
      `PostgreSQL runs as the owner of ${cluster} (user ${user.uid}), who cannot enter ${barrier}: move the data folder, or let that user pass.`,
    )
  }
  return makeHomeElsewhere({ folder: folder.path, barrier, user, log })
}

/** Where the cluster of a data folder is, whether or not it runs; undefined where none was made. Changes nothing. */
export async function findCluster(folder: string): Promise<string | undefined> {
  const cluster = join((await readPointer(folder)) ?? folder, 'postgres')
  return (await findOwner(cluster)) && cluster
}

async function readPointer(folder: string): Promise<string | undefined> {
  const file = join(folder, POINTER)
  const text = await readFile(file, 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const path = text.trim()
  if (!isRoot())
    throw new StartError(`The database of ${folder} was made by root and is in ${path}: start Parlance as root.`)
  const isThere = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  )
  if (isThere) return path
  throw new StartError(
    `The database of ${folder} was in ${path}, which is gone: restore it, or set PARLANCE_DATA_DIR to a new folder.`,
  )
}

async function findOwner(path: string): Promise<OsUser | undefined> {
  try {
    const { uid, gid } = await stat(path)
    return { uid, gid }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function requireSameUser(owner: OsUser | undefined, cluster: string): undefined {
  // On Windows there are no such ids.
  const uid = process.getuid?.()
  if (!owner || uid === undefined || owner.uid === uid) return undefined
  throw new StartError(
    `The database in ${cluster} belongs to user ${owner.uid} and PostgreSQL runs only as its owner: start Parlance as that user, or as root.`,
  )
}

interface Elsewhere {
  folder: string
  barrier: string
  user: OsUser
  log: (line: string) => void
}

async function makeHomeElsewhere({ folder, barrier, user, log }: Elsewhere): Promise<ClusterHome> {
  // A name of its own: one made from the data folder's path would bring old data back into a folder made anew.
  const path = join(SYSTEM_FOLDER, randomBytes(6).toString('hex'))
  try {
    await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o755 })
    await mkdir(path, { mode: 0o710 })
    await chown(path, 0, user.gid)
    await writeFile(join(path, 'data-folder'), `${folder}\n`)
  } catch (error) {
    throw explainFileError(error, SYSTEM_FOLDER)
  }
  const release = lockFolder(path)
  await writeWhole(join(folder, POINTER), `${path}\n`)
  log(`PostgreSQL does not run as root, and its own user cannot enter ${barrier}: the database is kept in ${path}.`)
  return { path, cluster: join(path, 'postgres'), hasCluster: false, user, release }
}
