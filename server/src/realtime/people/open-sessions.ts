import type { Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'

/** Which of the sessions have neither ended nor expired. */
export async function findOpenSessions(
  db: Database,
  { ids, now }: { ids: string[]; now: Timestamp },
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('sessions')
    .select('id')
    .where('id', 'in', ids)
    .where('revokedAt', 'is', null)
    .where('expiresAt', '>', now)
    .execute()
  return new Set(rows.map(({ id }) => id))
}
