import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { findBarrier, type OsUser } from './os-user.ts'

const PREFIX = 'parlance-'
// A socket's path may have 103 bytes on macOS, 107 on Linux.
const SOCKET_PATH_BYTES_MAX = 103

/** A new private folder for the socket: short, whatever the data folder is called, and never one that is in use. */
export async function makeRunFolder(user: OsUser | undefined): Promise<string> {
  const folder = await mkdtemp(join(await chooseParent(user), PREFIX))
  if (user) await chown(folder, user.uid, user.gid)
  return folder
}

/** Empties it for a new server: the old one's lock file may name a process id that another program has now. */
export async function renewRunFolder(folder: string, user: OsUser | undefined): Promise<void> {
  await removeRunFolder(folder)
  await mkdir(folder, { mode: 0o700 })
  if (user) await chown(folder, user.uid, user.gid)
}

export async function removeRunFolder(folder: string): Promise<void> {
  if (!basename(folder).startsWith(PREFIX)) return
  await rm(folder, { recursive: true, force: true }).catch(() => undefined)
}

async function chooseParent(user: OsUser | undefined): Promise<string> {
  const parent = tmpdir()
  const isShort = Buffer.byteLength(join(parent, `${PREFIX}xxxxxx`, '.s.PGSQL.5432')) <= SOCKET_PATH_BYTES_MAX
  if (process.platform === 'win32' || (isShort && !(user && (await findBarrier(parent, user))))) return parent
  return '/tmp'
}
