import type { Database } from '../../platform/database/database.ts'
import { lockStreams } from './append-events.ts'

/**
 * Takes the heads of the streams that `find` names, and names them as they are while all are held. A stream that
 * came to them meanwhile is taken late, against the order: a deadlock is then undone and tried again.
 */
export async function lockFoundStreams(db: Database, find: () => Promise<string[]>): Promise<string[]> {
  const seen = await find()
  await lockStreams(db, seen)
  const found = await find()
  const late = found.filter((id) => !seen.includes(id))
  if (late.length > 0) await lockStreams(db, late)
  return found
}
