import { timingSafeEqual } from 'node:crypto'
import type { Clock, Timestamp } from '../../platform/clock.ts'
import type { ClientActor } from '../actor.ts'
import { AppError, type ErrorCode } from '../errors.ts'
import { addressKey } from '../limits/address-key.ts'
import type { Ports } from '../ports.ts'
import { hashToken } from '../sessions/random-token.ts'
import type { KnownClient, KnownMode, KnownToken } from './client-cache.ts'
import { isOriginAllowed } from './origin.ts'

export type ClientAttempt = {
  token: string
  publicKey: string
  /** The page that calls, where a browser says so. */
  origin: string | undefined
  /** Where the call comes from; null where it is not known. */
  address: string | null
}

type Finding =
  | { client: KnownClient; mode: KnownMode; token: KnownToken }
  | {
      refusal: Extract<
        ErrorCode,
        | 'unknown_public_key'
        | 'invalid_client_token'
        | 'expired_client_token'
        | 'origin_not_allowed'
        | 'address_not_allowed'
      >
    }

/**
 * Finds which client a public key and a token stand for. Costs no query where the client is known. Failures are counted
 * by address; after too many, further ones are `rate_limited`, while whoever authenticates well is never kept waiting.
 */
export async function authenticateClient(
  { ports, clock }: { ports: Pick<Ports, 'clients' | 'limits' | 'tokenUses'>; clock: Clock },
  attempt: ClientAttempt,
): Promise<ClientActor> {
  const { clients, limits, tokenUses } = ports
  const caller = () => addressKey(attempt.address)
  // A flood of made-up keys must not become a flood of queries; the keys of clients are all familiar.
  if (!clients.isFamiliar(attempt.publicKey)) await limits.requireRoom('clientAuthFailures', caller())
  const client = await clients.findByPublicKey(attempt.publicKey)
  const finding = judge(client, attempt, clock())
  if ('refusal' in finding) {
    await limits.consume('clientAuthFailures', caller())
    throw new AppError(finding.refusal)
  }
  tokenUses.note(finding.token.id)
  const { id } = finding.client
  const { workspaceId, isLive } = finding.mode
  return { kind: 'client', id, workspaceId, isLive, address: attempt.address }
}

// The order is part of the API: a caller without a valid token learns nothing of origins and addresses.
function judge(client: KnownClient | undefined, attempt: ClientAttempt, now: Timestamp): Finding {
  const mode = client?.modes.find(({ publicKey }) => publicKey === attempt.publicKey)
  if (client === undefined || mode === undefined || client.isRevoked) return { refusal: 'unknown_public_key' }
  const token = findToken(mode.tokens, attempt.token)
  if (token === undefined) return { refusal: 'invalid_client_token' }
  if (token.expiresAt !== null && token.expiresAt <= now) return { refusal: 'expired_client_token' }
  if (!isOriginAllowed(client, attempt.origin)) return { refusal: 'origin_not_allowed' }
  const isAddressAllowed = client.networks === null || client.networks.has(attempt.address ?? '')
  return isAddressAllowed ? { client, mode, token } : { refusal: 'address_not_allowed' }
}

function findToken(tokens: KnownToken[], token: string): KnownToken | undefined {
  const hash = hashToken(token)
  return tokens.find((known) => timingSafeEqual(known.hash, hash))
}
