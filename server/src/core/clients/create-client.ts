import type { Timestamp } from '../../platform/clock.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { createStream } from '../log/append-events.ts'
import { describeClient } from './audited.ts'
import { type ClientFields, type ClientInput, parseClientFields } from './client-fields.ts'
import { insertClientWorkspace } from './insert-client-workspace.ts'
import { insertToken } from './insert-token.ts'
import { createPublicKey } from './keys.ts'
import type { ClientAdministrator } from './policy.ts'
import { CLIENT_COLUMNS } from './queries.ts'
import type { Client, IssuedToken } from './schema.ts'
import { requireFutureExpiry } from './token-expiry.ts'

export type CreateClient = ClientInput & {
  /** When both first tokens end; null for never. */
  expiresAt?: Timestamp | null
}

export type CreatedClient = { client: Client; live: IssuedToken; test: IssuedToken }

/**
 * Makes a client with its two workspaces, a public key for each, and a first token for each: only this answer shows
 * the tokens. Announced in the client's own stream.
 */
export async function createClient(ctx: Context<ClientAdministrator>, input: CreateClient): Promise<CreatedClient> {
  const fields = parseClientFields(input)
  const expiresAt = requireFutureExpiry(ctx, input.expiresAt)
  return ctx.transaction(async (ctx) => {
    const client = await insertClient(ctx, fields)
    const live = await insertToken(ctx, { clientId: client.id, isLive: true, expiresAt })
    const test = await insertToken(ctx, { clientId: client.id, isLive: false, expiresAt })
    const publicKeys = [client.livePublicKey, client.testPublicKey]
    ctx.record({
      type: 'client.created',
      streamId: client.id,
      workspaceId: null,
      data: { clientId: client.id, publicKeys },
    })
    await recordAudit(ctx, {
      workspaceId: client.liveWorkspaceId,
      action: 'client.create',
      targetType: 'client',
      targetId: client.id,
      before: null,
      after: describeClient(client),
    })
    return { client, live, test }
  })
}

async function insertClient(ctx: Context<ClientAdministrator>, fields: ClientFields): Promise<Client> {
  const id = ctx.newId()
  const now = ctx.now()
  await createStream(ctx.db, id, 'client')
  return ctx.db
    .insertInto('clients')
    .values({
      ...fields,
      id,
      liveWorkspaceId: await insertClientWorkspace(ctx, fields.name),
      testWorkspaceId: await insertClientWorkspace(ctx, `${fields.name} (test)`),
      livePublicKey: createPublicKey(),
      testPublicKey: createPublicKey(),
      createdAt: now,
      updatedAt: now,
    })
    .returning(CLIENT_COLUMNS)
    .executeTakeFirstOrThrow()
}
