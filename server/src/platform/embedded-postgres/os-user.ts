import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../start-error.ts'

/** The account PostgreSQL runs as when Parlance itself runs as root, which PostgreSQL refuses to do. */
export interface OsUser {
  uid: number
  gid: number
}

/** Where root keeps what this account must reach and cannot reach in the checkout. */
export const SYSTEM_FOLDER = '/var/lib/parlance'

const run = promisify(execFile)
const NAME = 'postgres'
const USE_OWN_SERVER = 'start Parlance as an ordinary user, or set PARLANCE_DATABASE_URL to a PostgreSQL server'

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Finds the account `postgres`, or makes it. */
export async function getPostgresUser(): Promise<OsUser> {
  const found = await findUser()
  if (found) return found
  await addUser()
  const added = await findUser()
  if (!added)
    throw new StartError(
      `PostgreSQL does not run as root, and the system user "${NAME}" could not be made: ${USE_OWN_SERVER}.`,
    )
  return added
}

async function findUser(): Promise<OsUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

async function addUser(): Promise<void> {
  const ways: [string, string[]][] = [
    [
      'useradd',
      [
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        '/nonexistent',
        '--shell',
        '/usr/sbin/nologin',
        NAME,
      ],
    ],
    ['adduser', ['-S', '-D', '-H', NAME]],
  ]
  for (const [command, args] of ways) {
    const isAdded = await run(command, args).then(
      () => true,
      () => false,
    )
    if (isAdded) return
  }
}

/**
 * The first folder on the way to `path`, itself included, that the user cannot pass through. Read from the mode bits: an
 * access list can only make this too careful or the start fail with PostgreSQL's own words.
 */
export async function findBarrier(path: string, user: OsUser): Promise<string | undefined> {
  for (const folder of withAncestors(path)) {
    const { mode, uid, gid } = await stat(folder)
    const passBit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001
    if (!(mode & passBit)) return folder
  }
  return undefined
}

function withAncestors(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [path] : [...withAncestors(parent), path]
}
