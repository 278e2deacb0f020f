import { randomBytes } from 'node:crypto'
import type { Timestamp } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { createStream } from '../log/append-events.ts'
import { parseFields } from '../parse-fields.ts'
import { domainFromName } from '../workspaces/workspace-domain.ts'
import { parseAllowedIps, parseAllowedSubdomains, parseClientName, parseHost } from './client-fields.ts'
import { insertToken } from './new-token.ts'
import { CLIENT_COLUMNS } from './queries.ts'
import type { Client, NewToken } from './schema.ts'

export type CreateClient = {
  name: string
  domain: string
  allowedIps?: string[] | null
  allowedSubdomains?: string[] | null
  /** When its first tokens end; null for never. */
  expiresAt?: Timestamp | null
}

export type CreatedClient = { client: Client; live: NewToken; test: NewToken }

/** Makes an API client with its two workspaces and a live and a test token, which are told this once. */
export async function createClient(ctx: Context<SystemActor>, input: CreateClient): Promise<CreatedClient> {
  const fields = parseFields({
    name: () => parseClientName(input.name),
    domain: () => parseHost(input.domain),
    allowedIps: () => parseAllowedIps(input.allowedIps ?? null),
  })
  const allowedSubdomains = parseAllowedSubdomains(input.allowedSubdomains ?? null, fields.domain)
  const expiresAt = input.expiresAt ?? null
  return ctx.transaction(async (ctx) => {
    const client = await insertClient(ctx, { ...fields, allowedSubdomains })
    const clientId = client.id
    const live = await insertToken(ctx, { clientId, isLive: true, expiresAt })
    const test = await insertToken(ctx, { clientId, isLive: false, expiresAt })
    ctx.record({ type: 'client.created', streamId: clientId, workspaceId: null, data: { clientId } })
    const after = { name: client.name, domain: client.domain }
    const target = { targetType: 'client', targetId: clientId, workspaceId: client.liveWorkspaceId }
    await recordAudit(ctx, { ...target, action: 'client.create', before: null, after })
    return { client, live, test }
  })
}

type Fields = Pick<Client, 'name' | 'domain' | 'allowedIps' | 'allowedSubdomains'>

async function insertClient(ctx: Context<SystemActor>, fields: Fields): Promise<Client> {
  const id = ctx.newId()
  const now = ctx.now()
  await createStream(ctx.db, id, 'client')
  return ctx.db
    .insertInto('clients')
    .values({
      ...fields,
      id,
      liveWorkspaceId: await insertWorkspace(ctx, fields.name),
      testWorkspaceId: await insertWorkspace(ctx, `${fields.name} (test)`),
      livePublicKey: createPublicKey(),
      testPublicKey: createPublicKey(),
      createdAt: now,
      updatedAt: now,
    })
    .returning(CLIENT_COLUMNS)
    .executeTakeFirstOrThrow()
}

/** Its domain ends so that no two are the same. */
async function insertWorkspace(ctx: Context<SystemActor>, name: string): Promise<string> {
  const id = ctx.newId()
  const now = ctx.now()
  const domain = `${domainFromName(name).slice(0, DOMAIN_STEM_MAX)}-${randomBytes(8).toString('hex')}`
  await ctx.db.insertInto('workspaces').values({ id, name, domain, createdAt: now, updatedAt: now }).execute()
  await createStream(ctx.db, id, 'workspace')
  return id
}

const DOMAIN_STEM_MAX = 40
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `pk_` and 32 letters and digits. */
function createPublicKey(): string {
  let key = ''
  // What does not fit the alphabet evenly is left out, so that each character is as likely as any other.
  while (key.length < 32) for (const byte of randomBytes(64)) if (byte < 248) key += ALPHABET[byte % 62]
  return `pk_${key.slice(0, 32)}`
}
