import { copyFile, stat, truncate } from 'node:fs/promises'

const LOG_BYTES_MAX = 8_000_000

/** Keeps the log and the one before it. PostgreSQL appends, so it goes on writing at the start of the emptied file. */
export async function boundLog(file: string): Promise<void> {
  const size = await stat(file).then(
    (log) => log.size,
    () => 0,
  )
  if (size <= LOG_BYTES_MAX) return
  // Without room for the copy the log still has to end somewhere.
  await copyFile(file, `${file}.1`).catch(() => undefined)
  await truncate(file)
}
