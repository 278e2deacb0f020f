import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'

/** The newest position of the log that is committed; 0 in an empty one. */
export async function readHead(db: Database): Promise<number> {
  const { rows } = await sql<{ head: number | null }>`select max(position) as head from events`.execute(db)
  return rows[0]?.head ?? 0
}
