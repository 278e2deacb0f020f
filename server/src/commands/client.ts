import { parseArgs } from 'node:util'
import { SYSTEM, type SystemActor } from '../core/actor.ts'
import { createClient } from '../core/clients/create-client.ts'
import { getClient } from '../core/clients/get-client.ts'
import { listClients } from '../core/clients/list-clients.ts'
import { revokeClient, revokeToken } from '../core/clients/revoke-client.ts'
import { rotateToken } from '../core/clients/rotate-token.ts'
import { updateClient } from '../core/clients/update-client.ts'
import type { Context } from '../core/context.ts'
import { AppError } from '../core/errors.ts'
import { PAGE_MAX } from '../core/page.ts'
import { parseMoment } from '../core/parse-moment.ts'
import { addMs, createSystemClock, type Timestamp } from '../platform/clock.ts'
import {
  presentClient,
  presentCreated,
  presentToken,
  printClient,
  printClients,
  printCreated,
  printToken,
} from './client-output.ts'
import { withDatabase } from './with-database.ts'

/** What was typed is wrong: said in one sentence, with the exit code of a wrong command. */
class UsageError extends Error {}

const OPTIONS = {
  name: { type: 'string' },
  domain: { type: 'string' },
  'allow-ip': { type: 'string', multiple: true },
  'allow-subdomain': { type: 'string', multiple: true },
  expires: { type: 'string' },
  overlap: { type: 'string' },
  token: { type: 'string' },
  test: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']
type Call = { ctx: Context<SystemActor>; client: string | undefined; values: Values }
/** What is printed: for programs, and for people. */
type Output = { json: unknown; text: string }

const VERBS: Record<string, (call: Call) => Promise<Output>> = { create, list, show, update, rotate, revoke }

export const CLIENT_USAGE = `parlance client create --name <name> --domain <host> [--allow-ip <address|network>]… [--allow-subdomain <label>]… [--expires <90d|date>]
parlance client list
parlance client show <client>
parlance client update <client> [--name …] [--domain …] [--allow-ip …]… [--allow-subdomain …]… ('any' lifts the limit)
parlance client rotate <client> [--test] [--overlap <24h>] [--expires <90d|date>]
parlance client revoke <client> [--token <id or last characters>]
<client> is its id or a public key; every command takes --json.`

/** API clients: the tenants of customer messaging. Gives back the exit code. */
export async function runClientCommand(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
    const [verb = '', client, ...rest] = positionals
    const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
    if (run === undefined || rest.length > 0)
      throw new UsageError(`There is no command client ${verb}.`.replace(' .', '.'))
    const { json, text } = await withDatabase((database) => run({ ctx: database(SYSTEM), client, values }))
    console.log(values.json ? JSON.stringify(json, null, 2) : text)
    return 0
  } catch (error) {
    return explain(error)
  }
}

function explain(error: unknown): number {
  const isTyped = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
  if (error instanceof UsageError || isTyped) {
    console.error(`${(error as Error).message}\n\n${CLIENT_USAGE}`)
    return 2
  }
  if (!(error instanceof AppError)) throw error
  const problems = Object.entries(error.fields ?? {}).map(([field, [problem]]) => `${field} ${problem}`)
  console.error(problems.length > 0 ? `${problems.join('; ')}.` : error.message)
  return error.kind === 'unprocessable' ? 2 : 1
}

async function create({ ctx, values }: Call): Promise<Output> {
  const created = await createClient(ctx, {
    name: required(values.name, '--name'),
    domain: required(values.domain, '--domain'),
    allowedIps: values['allow-ip'] ?? null,
    allowedSubdomains: values['allow-subdomain'] ?? null,
    expiresAt: readExpiry(values.expires),
  })
  return { json: presentCreated(created), text: printCreated(created) }
}

async function list({ ctx }: Call): Promise<Output> {
  const clients = []
  let cursor: string | null = null
  do {
    const page = await listClients(ctx, { limit: PAGE_MAX, cursor })
    clients.push(...page.rows)
    cursor = page.nextCursor
  } while (cursor !== null)
  return { json: clients.map(presentClient), text: printClients(clients) }
}

async function show({ ctx, client }: Call): Promise<Output> {
  const shown = await getClient(ctx, { idOrKey: required(client, 'the client') })
  return { json: { ...presentClient(shown.client), tokens: shown.tokens.map(presentToken) }, text: printClient(shown) }
}

async function update({ ctx, client, values }: Call): Promise<Output> {
  const { client: before } = await getClient(ctx, { idOrKey: required(client, 'the client') })
  const { name, domain } = values
  const ips = readList(values['allow-ip'])
  const subdomains = readList(values['allow-subdomain'])
  const changes = {
    ...(name !== undefined && { name }),
    ...(domain !== undefined && { domain }),
    ...(ips !== undefined && { allowedIps: ips }),
    ...(subdomains !== undefined && { allowedSubdomains: subdomains }),
  }
  if (Object.keys(changes).length === 0) throw new UsageError('Say what to change.')
  const after = await updateClient(ctx, { clientId: before.id, ...changes })
  return { json: presentClient(after), text: printClient({ client: after, tokens: [] }) }
}

async function rotate({ ctx, client, values }: Call): Promise<Output> {
  const { client: known } = await getClient(ctx, { idOrKey: required(client, 'the client') })
  const isLive = !values.test
  const token = await rotateToken(ctx, {
    clientId: known.id,
    isLive,
    ...(values.overlap !== undefined && { overlapMs: readDurationMs(values.overlap, '--overlap') }),
    expiresAt: readExpiry(values.expires),
  })
  const publicKey = isLive ? known.livePublicKey : known.testPublicKey
  return {
    json: { ...presentToken(token), client_id: known.id, public_key: publicKey, token: token.token },
    text: printToken(token, publicKey),
  }
}

async function revoke({ ctx, client, values }: Call): Promise<Output> {
  const { client: known } = await getClient(ctx, { idOrKey: required(client, 'the client') })
  if (values.token === undefined) {
    const revoked = await revokeClient(ctx, { clientId: known.id })
    return { json: presentClient(revoked), text: `${revoked.name} was revoked: its keys work no more.` }
  }
  await revokeToken(ctx, { clientId: known.id, token: values.token })
  const shown = await getClient(ctx, { idOrKey: known.id })
  return { json: { ...presentClient(shown.client), tokens: shown.tokens.map(presentToken) }, text: printClient(shown) }
}

function required(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new UsageError(`Say ${what}.`)
  return value
}

/** `any` lifts a limit. */
function readList(list: string[] | undefined): string[] | null | undefined {
  return list?.length === 1 && list[0] === 'any' ? null : list
}

function readExpiry(text: string | undefined): Timestamp | null {
  if (text === undefined) return null
  const at = parseMoment(text) ?? parseMoment(`${text}T00:00:00Z`)
  return at ?? addMs(createSystemClock()(), readDurationMs(text, '--expires'))
}

const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function readDurationMs(text: string, option: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd]?)$/.exec(text) ?? []
  if (count === undefined || (unit === '' && count !== '0')) {
    throw new UsageError(
      `${option} must be a time such as 90d, 24h or 0${option === '--expires' ? ', or a date such as 2027-01-31' : ''}.`,
    )
  }
  return Number(count) * (UNITS_MS[unit!] ?? 0)
}
