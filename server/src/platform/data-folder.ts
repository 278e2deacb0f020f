import { access, constants, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { errorCode, explainFileError, StartError } from './start-error.ts'

export interface DataFolder {
  path: string
  /** True when this start made the folder, so its mode and group are ours to set. */
  isNew: boolean
}

const MARKER = 'parlance.json'
const FORMAT = 1

/** Opens the folder that holds what a server keeps: makes it when it is missing, and refuses one that is not ours. */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  const path = resolve(dataDir)
  try {
    const isNew = await makeFolder(path)
    const isMarked = await requireOurs(path)
    await requireWritable(path)
    if (!isMarked) {
      await writeWhole(join(path, MARKER), `${JSON.stringify({ parlance: 'data folder', format: FORMAT })}\n`)
    }
    return { path, isNew }
  } catch (error) {
    throw explainFileError(error, path)
  }
}

// Ours alone; the folders above it, where they are missing too, are like any other.
async function makeFolder(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true })
  try {
    await mkdir(path, { mode: 0o700 })
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Writes a file so that after a crash it is either absent or complete. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`
  try {
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}

async function requireOurs(path: string): Promise<boolean> {
  const marker = await readFile(join(path, MARKER), 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (marker === undefined) {
    const names = await readdir(path)
    if (names.every(isHarmless)) return false
    throw new StartError(
      `${path} holds other files and no Parlance data: set PARLANCE_DATA_DIR to an empty or new folder.`,
    )
  }
  const format = parseFormat(marker)
  if (format === undefined) {
    throw new StartError(
      `${join(path, MARKER)} is not readable as Parlance's own: restore it, or set PARLANCE_DATA_DIR to another folder.`,
    )
  }
  if (format > FORMAT) {
    throw new StartError(
      `The data in ${path} was written by a newer Parlance: start it with that version or a later one.`,
    )
  }
  return true
}

// What a mount point or a version-control placeholder leaves behind, and what a first start cut short does.
function isHarmless(name: string): boolean {
  return ['lost+found', '.gitkeep', '.gitignore', '.DS_Store'].includes(name) || /^parlance\.json\.\d+\.new$/.test(name)
}

function parseFormat(marker: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(marker)
    if (typeof parsed !== 'object' || parsed === null || !('format' in parsed)) return undefined
    return typeof parsed.format === 'number' ? parsed.format : undefined
  } catch {
    return undefined
  }
}

async function requireWritable(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    if (errorCode(error) !== 'EACCES') throw error
    const { uid } = await stat(path)
    throw new StartError(
      `Parlance may not write to ${path}, which belongs to user ${uid}: start it as that user, change the folder's owner, or set PARLANCE_DATA_DIR to another folder.`,
    )
  }
}
