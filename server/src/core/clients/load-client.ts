import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import { NetworkList } from '../../platform/network-list.ts'
import { isUuid } from '../uuid.ts'
import { type ClientKey, type KnownClient, type KnownMode, type KnownToken, PUBLIC_KEYS_MAX } from './client-cache.ts'
import { CLIENT_COLUMNS } from './queries.ts'
import type { Client } from './schema.ts'

/** More than can work at once, so that those that expired lately are known as such. */
const TOKENS_MAX = 100

const CLIENTS_MAX = PUBLIC_KEYS_MAX / 2

type TokenRow = { isLive: boolean; id: string; tokenHash: string; expiresAt: string | null }

/** Reads a client with its tokens in one statement, so that they are of one moment. */
export async function loadClient(db: Database, key: ClientKey): Promise<KnownClient | undefined> {
  if (key.by !== 'publicKey' && !isUuid(key.value)) return undefined
  const row = await db
    .selectFrom('clients')
    .select(CLIENT_COLUMNS)
    .select(
      sql<TokenRow[] | null>`(select json_agg(newest) from (
        select id, is_live as "isLive", encode(token_hash, 'hex') as "tokenHash", expires_at as "expiresAt"
        from client_tokens where client_id = clients.id and revoked_at is null order by id desc limit ${TOKENS_MAX}
      ) newest)`.as('tokens'),
    )
    .where(({ eb, or }) => or(columnsOf(key.by).map((column) => eb(column, '=', key.value))))
    .executeTakeFirst()
  return row && toKnown(row, row.tokens ?? [])
}

/** The public keys of all clients that are not revoked, as many as a node remembers. */
export async function listPublicKeys(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom('clients')
    .select(['livePublicKey', 'testPublicKey'])
    .where('revokedAt', 'is', null)
    .limit(CLIENTS_MAX)
    .execute()
  return rows.flatMap(({ livePublicKey, testPublicKey }) => [livePublicKey, testPublicKey])
}

function columnsOf(by: ClientKey['by']) {
  if (by === 'id') return ['id'] as const
  return by === 'publicKey'
    ? (['livePublicKey', 'testPublicKey'] as const)
    : (['liveWorkspaceId', 'testWorkspaceId'] as const)
}

function toKnown(client: Client, tokens: TokenRow[]): KnownClient {
  const { id, name, domain, allowedIps, allowedSubdomains } = client
  const tokensOf = (isLive: boolean) => tokens.filter((token) => token.isLive === isLive).map(toKnownToken)
  const modes: KnownMode[] = [
    { isLive: true, workspaceId: client.liveWorkspaceId, publicKey: client.livePublicKey, tokens: tokensOf(true) },
    { isLive: false, workspaceId: client.testWorkspaceId, publicKey: client.testPublicKey, tokens: tokensOf(false) },
  ]
  return {
    id,
    name,
    domain,
    subdomains: allowedSubdomains && new Set(allowedSubdomains.map((subdomain) => wholeName(subdomain, domain))),
    networks: allowedIps && new NetworkList(allowedIps),
    isRevoked: client.revokedAt !== null,
    modes,
  }
}

function wholeName(subdomain: string, domain: string): string {
  return subdomain.includes('.') ? subdomain : `${subdomain}.${domain}`
}

function toKnownToken({ id, tokenHash, expiresAt }: TokenRow): KnownToken {
  // JSON writes a moment with its zone where our own form has a Z.
  const end = expiresAt && new Date(expiresAt).toISOString()
  return { id, hash: Buffer.from(tokenHash, 'hex'), expiresAt: end }
}
