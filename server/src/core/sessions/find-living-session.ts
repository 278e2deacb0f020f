import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { LivingSession } from './session-cache.ts'

/** Undefined where the session was revoked, has expired, or is of somebody whose account is gone. */
export async function findLivingSession(
  db: Database,
  sessionId: string,
  clock: Clock,
): Promise<LivingSession | undefined> {
  return db
    .selectFrom('sessions as s')
    .innerJoin('users as u', 'u.id', 's.userId')
    .select(['s.userId', 's.expiresAt'])
    .where('s.id', '=', sessionId)
    .where('s.revokedAt', 'is', null)
    .where('s.expiresAt', '>', clock())
    .where('u.deletedAt', 'is', null)
    .executeTakeFirst()
}
