import type { UserActor } from '../actor.ts'
import type { Core } from '../context.ts'
import { AppError } from '../errors.ts'

/** Finds who an access token stands for. Costs no query where the session is known. */
export async function authenticate(
  { ports, clock }: Pick<Core, 'ports' | 'clock'>,
  { token, address }: { token: string; address: string | null },
): Promise<UserActor> {
  const claims = ports.tokens.read(token)
  if (claims === undefined) throw new AppError('invalid_access_token')
  const { userId, sessionId } = claims
  if (claims.expiresAt <= clock()) throw new AppError('expired_access_token')
  const session = await ports.sessions.find(sessionId)
  if (session?.userId !== userId) throw new AppError('invalid_access_token')
  return { kind: 'user', id: userId, sessionId, address }
}
