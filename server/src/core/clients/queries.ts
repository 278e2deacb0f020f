import { sql } from 'kysely'
import type { Database } from '../../platform/database/database.ts'
import type { Client, ClientToken } from './schema.ts'

export const CLIENT_COLUMNS = [
  'id',
  'name',
  'domain',
  'allowedIps',
  'allowedSubdomains',
  'liveWorkspaceId',
  'testWorkspaceId',
  'livePublicKey',
  'testPublicKey',
  'createdAt',
  'updatedAt',
  'revokedAt',
] as const

export const TOKEN_COLUMNS = [
  'id',
  'clientId',
  'isLive',
  'hint',
  'createdAt',
  'expiresAt',
  'revokedAt',
  'lastUsedAt',
] as const

export async function findClient(db: Database, id: string): Promise<Client | undefined> {
  return db.selectFrom('clients').select(CLIENT_COLUMNS).where('id', '=', id).executeTakeFirst()
}

export async function findClientByKey(db: Database, publicKey: string): Promise<Client | undefined> {
  return db
    .selectFrom('clients')
    .select(CLIENT_COLUMNS)
    .where((eb) => eb.or([eb('livePublicKey', '=', publicKey), eb('testPublicKey', '=', publicKey)]))
    .executeTakeFirst()
}

/** Newest first. */
export async function listTokens(db: Database, clientId: string): Promise<ClientToken[]> {
  return db
    .selectFrom('clientTokens')
    .select(TOKEN_COLUMNS)
    .where('clientId', '=', clientId)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(TOKENS_SHOWN_MAX)
    .execute()
}

const TOKENS_SHOWN_MAX = 100

export type KeptToken = { id: string; isLive: boolean; hash: Buffer; expiresAt: string | null }

/** Tokens that were not revoked; those that expired long ago are left out. */
export async function listKeptTokens(db: Database, clientId: string): Promise<KeptToken[]> {
  const { rows } = await sql<KeptToken>`
    select id, is_live, token_hash as hash, expires_at from client_tokens
    where client_id = ${clientId} and revoked_at is null
    order by expires_at desc nulls first limit 100`.execute(db)
  return rows
}

/** Writes down when tokens were last used. */
export async function touchTokens(db: Database, uses: Map<string, string>): Promise<void> {
  if (uses.size === 0) return
  await sql`
    update client_tokens t set last_used_at = greatest(t.last_used_at, u.at)
    from unnest(${[...uses.keys()]}::uuid[], ${[...uses.values()]}::timestamptz[]) as u (id, at)
    where t.id = u.id`.execute(db)
}
