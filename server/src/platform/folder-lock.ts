import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from './start-error.ts'

const SQLITE_BUSY = 5
const SQLITE_FULL = 13

/** Somebody else has the folder. */
export class FolderInUseError extends StartError {}

/**
 * Takes a folder for this process alone, or refuses in one sentence. Node has no file locks of its own; SQLite's are the
 * kernel's, so they end with the process however it ends, and hold between containers that share the folder.
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'parlance.lock')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    database.exec('PRAGMA busy_timeout = 0')
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    throw explainLockError(error, folder)
  }
  const held = database
  let isReleased = false
  // The closure also keeps the handle from being collected, which would end the lock.
  return () => {
    if (isReleased) return
    isReleased = true
    held.close()
  }
}

function explainLockError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  if (code === SQLITE_BUSY) {
    return new FolderInUseError(
      `Another Parlance server is running on ${folder}: stop it first, or set PARLANCE_DATA_DIR to another folder.`,
    )
  }
  if (code === SQLITE_FULL)
    return new StartError(`The disk that holds ${folder} is full: free some space, then start again.`)
  if (code !== undefined) {
    return new StartError(
      `Parlance could not lock ${folder} (${error instanceof Error ? error.message : error}): set PARLANCE_DATA_DIR to a local, writable folder.`,
    )
  }
  return error
}
