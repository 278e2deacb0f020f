import type { Database } from '../../platform/database/database.ts'
import { AppError } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { isUuid } from '../uuid.ts'
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

/** A client by its id or one of its public keys, also a revoked one. */
export async function findClient(db: Database, idOrPublicKey: string): Promise<Client | undefined> {
  return db
    .selectFrom('clients')
    .select(CLIENT_COLUMNS)
    .where(({ eb, or }) =>
      isUuid(idOrPublicKey)
        ? eb('id', '=', idOrPublicKey)
        : or([eb('livePublicKey', '=', idOrPublicKey), eb('testPublicKey', '=', idOrPublicKey)]),
    )
    .executeTakeFirst()
}

/** Takes the client's row, after the head of its stream, for an operation that changes it. */
export async function holdClient(db: Database, clientId: string): Promise<Client> {
  if (!isUuid(clientId)) throw new AppError('client_not_found', 'client_id')
  await lockStream(db, clientId)
  const client = await db
    .selectFrom('clients')
    .select(CLIENT_COLUMNS)
    .where('id', '=', clientId)
    .forUpdate()
    .executeTakeFirst()
  if (client === undefined) throw new AppError('client_not_found', 'client_id')
  return client
}

/** The same for a change that a revoked client does not take any more. */
export async function holdLivingClient(db: Database, clientId: string): Promise<Client> {
  const client = await holdClient(db, clientId)
  if (client.revokedAt !== null) throw new AppError('client_revoked', 'client_id')
  return client
}

/** The newest tokens that are not revoked, expired ones too. */
export async function listTokens(db: Database, clientId: string, limit: number): Promise<ClientToken[]> {
  return db
    .selectFrom('clientTokens')
    .select(TOKEN_COLUMNS)
    .where('clientId', '=', clientId)
    .where('revokedAt', 'is', null)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}
