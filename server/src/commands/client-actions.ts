import type { Config } from '../config.ts'
import type { SystemActor } from '../core/actor.ts'
import { createClient } from '../core/clients/create-client.ts'
import { getClient } from '../core/clients/get-client.ts'
import { listClients } from '../core/clients/list-clients.ts'
import { revokeClient } from '../core/clients/revoke-client.ts'
import { revokeToken } from '../core/clients/revoke-token.ts'
import { rotateToken } from '../core/clients/rotate-token.ts'
import type { Client } from '../core/clients/schema.ts'
import { updateClient } from '../core/clients/update-client.ts'
import type { Context } from '../core/context.ts'
import { PAGE_MAX } from '../core/page.ts'
import { type Flags, readList, requireFlag } from './client-flags.ts'
import { parseDuration, parseExpiry } from './durations.ts'
import {
  clientJson,
  createdJson,
  createdText,
  curlText,
  detailsJson,
  detailsText,
  expiryText,
  issuedJson,
  lineText,
  tokenJson,
} from './present-client.ts'
import { UsageError } from './usage-error.ts'

type Call = { flags: Flags; client: string; config: Config }
/** The same outcome for people and for programs. */
export type Outcome = { text: string; json: unknown }
type Work = (ctx: Context<SystemActor>) => Promise<Outcome>

export type Action = {
  usage: string
  does: string
  flags: (keyof Flags)[]
  /** Whether it is about one client that exists. */
  hasClient: boolean
  /** Reads the flags, and only then asks for the database. */
  plan(call: Call): Work
}

const NARROWING = '[--allow-ip <address or network>]… [--allow-subdomain <name>]…'

export const ACTIONS: Record<string, Action> = {
  create: {
    usage: `create --name <name> --domain <host> ${NARROWING} [--expires 90d|2027-01-31]`,
    does: 'makes a client with live and test keys, and shows their tokens, once',
    flags: ['name', 'domain', 'allow-ip', 'allow-subdomain', 'expires'],
    hasClient: false,
    plan: planCreate,
  },
  list: { usage: 'list', does: 'lists all clients', flags: [], hasClient: false, plan: planList },
  show: { usage: 'show <client>', does: 'shows a client and its tokens', flags: [], hasClient: true, plan: planShow },
  update: {
    usage: `update <client> [--name <name>] [--domain <host>] ${NARROWING} [--allow-any-ip] [--allow-any-subdomain]`,
    does: 'changes what it names',
    flags: ['name', 'domain', 'allow-ip', 'allow-any-ip', 'allow-subdomain', 'allow-any-subdomain'],
    hasClient: true,
    plan: planUpdate,
  },
  rotate: {
    usage: 'rotate <client> [--test] [--overlap 24h] [--expires 90d|2027-01-31]',
    does: 'makes a new token; older ones of that mode expire after the overlap',
    flags: ['test', 'overlap', 'expires'],
    hasClient: true,
    plan: planRotate,
  },
  revoke: {
    usage: 'revoke <client> [--token <id or last four characters>]',
    does: 'ends a client and all that its keys open, or one token, for good',
    flags: ['token'],
    hasClient: true,
    plan: planRevoke,
  },
}

function planCreate({ flags, config }: Call): Work {
  const input = {
    name: requireFlag(flags, 'name'),
    domain: requireFlag(flags, 'domain'),
    allowedIps: flags['allow-ip'] ?? null,
    allowedSubdomains: flags['allow-subdomain'] ?? null,
    expiresAt: readExpiry(flags),
  }
  return async (ctx) => {
    const created = await createClient(ctx, input)
    return { json: createdJson(created), text: createdText(created, urlOf(config)) }
  }
}

function planList(): Work {
  return async (ctx) => {
    const clients: Client[] = []
    let cursor: string | null = null
    do {
      const page = await listClients(ctx, { limit: PAGE_MAX, cursor })
      clients.push(...page.rows)
      cursor = page.nextCursor
    } while (cursor !== null)
    const text = clients.length === 0 ? 'There is no client yet.' : clients.map(lineText).join('\n')
    return { json: { data: clients.map(clientJson) }, text }
  }
}

function planShow({ client }: Pick<Call, 'client'>): Work {
  return async (ctx) => {
    const details = await getClient(ctx, client)
    return { json: detailsJson(details), text: detailsText(details) }
  }
}

function planUpdate({ flags, client }: Call): Work {
  const { name, domain } = flags
  const allowedIps = readList(flags, 'ip')
  const allowedSubdomains = readList(flags, 'subdomain')
  const changes = {
    ...(name !== undefined && { name }),
    ...(domain !== undefined && { domain }),
    ...(allowedIps !== undefined && { allowedIps }),
    ...(allowedSubdomains !== undefined && { allowedSubdomains }),
  }
  if (Object.keys(changes).length === 0) throw new UsageError('Say what to change: see `parlance client help`.')
  return async (ctx) => {
    const { id } = (await getClient(ctx, client)).client
    await updateClient(ctx, { clientId: id, ...changes })
    return planShow({ client: id })(ctx)
  }
}

function planRotate({ flags, client, config }: Call): Work {
  const { overlap = '24h' } = flags
  const overlapMs = parseDuration('--overlap', overlap)
  const expiresAt = readExpiry(flags)
  return async (ctx) => {
    const { id, livePublicKey, testPublicKey } = (await getClient(ctx, client)).client
    // Whoever names the test key means it.
    const isLive = !(flags.test || client === testPublicKey)
    const publicKey = isLive ? livePublicKey : testPublicKey
    const issued = await rotateToken(ctx, { clientId: id, isLive, overlapMs, expiresAt })
    const older = overlapMs === 0 ? 'no longer work' : `work for another ${overlap}`
    return {
      json: { id, livemode: isLive, public_key: publicKey, ...issuedJson(issued) },
      text: `New ${isLive ? 'live' : 'test'} token, shown only now (${expiryText(issued.expiresAt)}):

  ${issued.token}

The older ones ${older}. Try it:
${curlText(urlOf(config), { publicKey, token: issued.token })}`,
    }
  }
}

function planRevoke({ flags: { token: named }, client }: Call): Work {
  return async (ctx) => {
    const { id, name } = (await getClient(ctx, client)).client
    if (named !== undefined) {
      const token = await revokeToken(ctx, { clientId: id, token: named })
      return { json: { id, token: tokenJson(token) }, text: `Revoked the token …${token.hint} of ${name}.` }
    }
    const revoked = await revokeClient(ctx, id)
    return { json: clientJson(revoked), text: `Revoked ${name} and all its tokens, for good. Its data stay.` }
  }
}

function readExpiry({ expires }: Flags): string | null {
  return expires === undefined ? null : parseExpiry('--expires', expires, new Date().toISOString())
}

function urlOf({ publicUrl, host, port }: Config): string {
  return publicUrl?.replace(/\/$/, '') ?? `http://${host}:${port}`
}
