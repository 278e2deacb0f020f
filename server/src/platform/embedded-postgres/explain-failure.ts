import { statfs } from 'node:fs/promises'
import { StartError } from '../start-error.ts'

const FREE_BYTES_MIN = 1_000_000

interface Failure {
  /** What PostgreSQL wrote. */
  output: string
  /** A folder on the disk it writes to. */
  folder: string
  /** Begins the sentence when nothing better is known. */
  what: string
}

/** Turns the words of a PostgreSQL program that failed into a sentence that says what to do. */
export async function explainFailure({ output, folder, what }: Failure): Promise<StartError> {
  // On a full disk the log that would say so cannot be written either.
  if (/No space left on device|Disk quota exceeded/i.test(output) || (await isFull(folder))) {
    return new StartError(`The disk that holds ${folder} is full: free some space, then start again.`)
  }
  if (/Cannot allocate memory|could not map anonymous shared memory/i.test(output)) {
    return new StartError('PostgreSQL did not get the memory it needs (about 300 MB): free some, then start again.')
  }
  return new StartError(`${what}: ${lastReason(output)}`)
}

async function isFull(folder: string): Promise<boolean> {
  const disk = await statfs(folder).catch(() => undefined)
  return disk !== undefined && disk.bavail * disk.bsize < FREE_BYTES_MIN
}

function lastReason(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  const reason = lines.findLast((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1) ?? 'it gave no reason'
  return reason.replace(/^.*?(FATAL|PANIC|error):\s*/, '').trim()
}
