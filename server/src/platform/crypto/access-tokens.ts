import { createSigner, createVerifier } from 'fast-jwt'
import { LRUCache } from 'lru-cache'
import { toSeconds, toTimestamp } from './jwt-times.ts'

export type AccessToken = {
  /** Unique to this token. */
  id: string
  userId: string
  sessionId: string
  issuedAt: string
  expiresAt: string
}

const ISSUER = 'parlance'
// A token comes with every request of its session, and is checked and parsed once.
const REMEMBERED_MAX = 10_000
// Far more than ours have.
const TOKEN_LENGTH_MAX = 1_024

/** Signs and reads the JWTs that stand for a session (HS256). */
export function createAccessTokens(key: Buffer) {
  const sign = createSigner({ key, algorithm: 'HS256' })
  const verify = createVerifier({
    key,
    algorithms: ['HS256'],
    allowedIss: ISSUER,
    requiredClaims: ['iss', 'sub', 'sid', 'jti', 'iat', 'exp'],
    // The caller compares with its own clock, and tells an expired token from a forged one.
    ignoreExpiration: true,
  })
  const remembered = new LRUCache<string, AccessToken>({ max: REMEMBERED_MAX })
  return {
    sign({ id, userId, sessionId, issuedAt, expiresAt }: AccessToken): string {
      const times = { iat: toSeconds(issuedAt), exp: toSeconds(expiresAt) }
      return sign({ iss: ISSUER, sub: userId, sid: sessionId, jti: id, ...times })
    },
    /** What a token says, also when it has expired; undefined where we did not sign it. */
    read(token: string): AccessToken | undefined {
      if (token.length > TOKEN_LENGTH_MAX) return undefined
      const known = remembered.get(token)
      if (known !== undefined) return known
      try {
        const claims = parseClaims(verify(token))
        remembered.set(token, claims)
        return claims
      } catch {
        return undefined
      }
    },
  }
}

type Claims = { sub: string; sid: string; jti: string; iat: number; exp: number }

function parseClaims({ sub, sid, jti, iat, exp }: Claims): AccessToken {
  return { id: jti, userId: sub, sessionId: sid, issuedAt: toTimestamp(iat), expiresAt: toTimestamp(exp) }
}
