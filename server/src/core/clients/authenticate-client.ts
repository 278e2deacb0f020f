import { timingSafeEqual } from 'node:crypto'
import type { ClientActor } from '../actor.ts'
import type { Core } from '../context.ts'
import { AppError } from '../errors.ts'
import { hashToken } from '../sessions/random-token.ts'
import type { KnownClient } from './client-cache.ts'
import { isOwnOrigin } from './origin.ts'

export type AuthenticateClient = {
  publicKey: string
  token: string
  /** Where a browser's page is; undefined for servers. */
  origin: string | undefined
  /** The caller's network address, as far as proxies that are trusted tell it. */
  address: string | null
}

// No token of ours is longer; what is need not be hashed.
const TOKEN_LENGTH_MAX = 256
const KEY_LENGTH_MAX = 100

/**
 * Finds which client's server asks, and with live or with test keys. Costs no query where the client is known, whether
 * the token is right or wrong. Refuses in this order: key, token, its expiry, the page's origin, the address.
 */
export async function authenticateClient(
  { ports, clock }: Pick<Core, 'ports' | 'clock'>,
  { publicKey, token, origin, address }: AuthenticateClient,
): Promise<ClientActor> {
  const known = publicKey.length <= KEY_LENGTH_MAX ? await ports.clients.findByKey(publicKey) : undefined
  if (known === undefined) throw new AppError('unknown_public_key')
  const { client } = known
  const isLive = publicKey === client.livePublicKey
  const kept = findToken(known, token, isLive)
  if (kept === undefined) throw new AppError('invalid_client_token')
  if (kept.expiresAt !== null && kept.expiresAt <= clock()) throw new AppError('expired_client_token')
  if (origin !== undefined && !isOwnOrigin(client, origin)) throw new AppError('origin_not_allowed')
  if (!isAllowedAddress(known, address)) throw new AppError('address_not_allowed')
  ports.clients.used(kept.id)
  const workspaceId = isLive ? client.liveWorkspaceId : client.testWorkspaceId
  return { kind: 'client', id: client.id, workspaceId, isLive, address }
}

function findToken({ tokens }: KnownClient, token: string, isLive: boolean) {
  if (token.length > TOKEN_LENGTH_MAX) return undefined
  const hash = hashToken(token)
  return tokens.find((kept) => kept.isLive === isLive && timingSafeEqual(kept.hash, hash))
}

function isAllowedAddress({ allowedAddresses }: KnownClient, address: string | null): boolean {
  return allowedAddresses === null || (address !== null && allowedAddresses.has(address))
}
