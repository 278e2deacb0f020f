import { createSigner, createVerifier } from 'fast-jwt'
import { toSeconds, toTimestamp } from './jwt-times.ts'

export type ContactToken = {
  /** Unique to this token. */
  id: string
  contactId: string
  workspaceId: string
  clientId: string
  isLive: boolean
  conversationIds: string[] | null
  issuedAt: string
  expiresAt: string
}

const ISSUER = 'parlance/contacts'
const AUDIENCE = 'contact'
// With a hundred conversations ours have about 6,000.
const TOKEN_LENGTH_MAX = 8_192

/** Signs and reads the JWTs that contacts carry (HS256). Another issuer and audience than users' have, and another key. */
export function createContactTokens(key: Buffer) {
  const sign = createSigner({ key, algorithm: 'HS256' })
  const verify = createVerifier({
    key,
    algorithms: ['HS256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    requiredClaims: ['iss', 'aud', 'sub', 'wid', 'cid', 'live', 'conversations', 'jti', 'iat', 'exp'],
    // The caller compares with its own clock, and tells an expired token from a forged one.
    ignoreExpiration: true,
  })
  return {
    sign({ id, contactId, workspaceId, clientId, isLive, conversationIds, issuedAt, expiresAt }: ContactToken): string {
      const whose = { sub: contactId, wid: workspaceId, cid: clientId, live: isLive, conversations: conversationIds }
      const times = { iat: toSeconds(issuedAt), exp: toSeconds(expiresAt) }
      return sign({ iss: ISSUER, aud: AUDIENCE, ...whose, jti: id, ...times })
    },
    /** What a token says, also when it has expired; undefined where we did not sign it. */
    read(token: string): ContactToken | undefined {
      if (token.length > TOKEN_LENGTH_MAX) return undefined
      try {
        return parseClaims(verify(token))
      } catch {
        return undefined
      }
    },
  }
}

type Claims = {
  sub: string
  wid: string
  cid: string
  live: boolean
  conversations: string[] | null
  jti: string
  iat: number
  exp: number
}

function parseClaims({ sub, wid, cid, live, conversations, jti, iat, exp }: Claims): ContactToken {
  return {
    id: jti,
    contactId: sub,
    workspaceId: wid,
    clientId: cid,
    isLive: live,
    conversationIds: conversations,
    issuedAt: toTimestamp(iat),
    expiresAt: toTimestamp(exp),
  }
}
