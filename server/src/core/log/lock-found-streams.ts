import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import { lockStreams } from './append-events.ts'

// Only a crowd that changes without pause makes this many tries of no use.
const TRIES = 5

/**
 * Takes the heads of the streams that `find` names, and names them as they are while all are held. Where another came
 * to them meanwhile, all are let go and taken again: taken late, against the order, it could deadlock. So this comes
 * before all other locks of a transaction.
 */
export async function lockFoundStreams(db: Database, find: () => Promise<string[]>): Promise<string[]> {
  let wanted = await find()
  for (let i = 0; i < TRIES; i++) {
    await sql`savepoint found_streams`.execute(db)
    await lockStreams(db, wanted)
    const found = await find()
    if (isWithin(found, wanted)) return found
    wanted = found
    await sql`rollback to savepoint found_streams`.execute(db)
  }
  // Then late after all: a deadlock is undone, and the whole transaction tried again.
  await lockStreams(db, wanted)
  const found = await find()
  if (!isWithin(found, wanted)) await lockStreams(db, found)
  return found
}

function isWithin(ids: string[], held: string[]): boolean {
  const known = new Set(held)
  return ids.every((id) => known.has(id))
}
