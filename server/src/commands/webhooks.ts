import { loadConfig } from '../config.ts'
import type { SystemActor } from '../core/actor.ts'
import type { Context } from '../core/context.ts'
import { listInboundWebhooks } from '../core/inbound-webhooks/list-inbound-webhooks.ts'
import { replayInboundWebhooks } from '../core/inbound-webhooks/replay-inbound-webhooks.ts'
import { isUuid } from '../core/uuid.ts'
import { parseSince } from './durations.ts'
import { explainFailure } from './explain-failure.ts'
import { parseFlags } from './parse-flags.ts'
import { webhookJson, webhookText } from './present-webhook.ts'
import { UsageError } from './usage-error.ts'
import { withDatabase } from './with-database.ts'

const OPTIONS = {
  json: { type: 'boolean' },
  id: { type: 'string' },
  kind: { type: 'string' },
  since: { type: 'string' },
  failed: { type: 'boolean' },
  limit: { type: 'string' },
} as const

const LISTED = 50
const LISTED_MAX = 1_000

type Flags = ReturnType<typeof readFlags>
type Outcome = { text: string; json: unknown }
type Action = {
  usage: string
  does: string
  flags: (keyof Flags)[]
  /** Reads the flags, and only then asks for the database. */
  plan(flags: Flags): (ctx: Context<SystemActor>) => Promise<Outcome>
}

const NARROWING = '[--kind <kind>] [--since 2h|2027-01-31] [--failed]'

const ACTIONS: Record<string, Action> = {
  list: {
    usage: `list ${NARROWING} [--limit ${LISTED}]`,
    does: 'lists what carriers sent, the newest first, and what became of it',
    flags: ['kind', 'since', 'failed', 'limit'],
    plan: planList,
  },
  replay: {
    usage: `replay --id <id> | ${NARROWING}`,
    does: 'has it applied again by the running servers: all that is named, also what was applied, or only what failed',
    flags: ['id', 'kind', 'since', 'failed'],
    plan: planReplay,
  },
}

/** `parlance webhooks …`. Gives back the exit code: 2 where the words are wrong, 1 where it could not be done. */
export async function runWebhooksCommand([name = '', ...args]: string[]): Promise<number> {
  if (['help', '--help', '-h'].includes(name) || args.includes('--help')) return printHelp()
  try {
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name]! : undefined
    if (name === '') throw new UsageError(`Say what to do: ${Object.keys(ACTIONS).join(', ')}.`)
    if (action === undefined)
      throw new UsageError(`There is no action "${name}" of webhooks: see \`parlance webhooks help\`.`)
    const flags = readFlags(args, action.flags)
    const work = action.plan(flags)
    const { text, json } = await withDatabase(loadConfig(process.env, 'start'), work)
    console.log(flags.json ? JSON.stringify(json, null, 2) : text)
    return 0
  } catch (error) {
    const { sentence, code } = explainFailure(error)
    console.error(sentence)
    return code
  }
}

function readFlags(args: string[], allowed: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(OPTIONS).filter(([name]) => name === 'json' || allowed.includes(name)),
  )
  const { flags, words } = parseFlags(args, { options: options as typeof OPTIONS, command: 'webhooks' })
  if (words.length > 0) throw new UsageError(`"${words[0]}" is one word too many: see \`parlance webhooks help\`.`)
  return flags
}

function planList(flags: Flags) {
  const input = { ...readNarrowing(flags), limit: readLimit(flags) }
  return async (ctx: Context<SystemActor>): Promise<Outcome> => {
    const webhooks = await listInboundWebhooks(ctx, input)
    const text = webhooks.length === 0 ? 'There is none.' : webhooks.map(webhookText).join('\n')
    return { text, json: { data: webhooks.map(webhookJson) } }
  }
}

function planReplay(flags: Flags) {
  const { id } = flags
  const narrowing = readNarrowing(flags)
  const isNarrowed = Object.values(narrowing).some((value) => value !== undefined)
  if (id !== undefined && isNarrowed) throw new UsageError('--id names one: leave the other flags out.')
  if (id === undefined && !isNarrowed) throw new UsageError('Say which: --id, --kind, --since or --failed.')
  if (id !== undefined && !isUuid(id)) throw new UsageError(`--id must be an id that \`list\` shows, not "${id}".`)
  return async (ctx: Context<SystemActor>): Promise<Outcome> => {
    const { replayed } = await replayInboundWebhooks(ctx, { id, ...narrowing })
    const text =
      replayed === 0
        ? 'There is none to apply again.'
        : `${replayed} ${replayed === 1 ? 'is' : 'are'} applied again, by the servers that run, or the next one to start.`
    return { text, json: { replayed } }
  }
}

function readNarrowing({ kind, since, failed }: Flags) {
  return {
    kind,
    since: since === undefined ? undefined : parseSince('--since', since, new Date().toISOString()),
    status: failed ? ('failed' as const) : undefined,
  }
}

function readLimit({ limit = String(LISTED) }: Flags): number {
  const count = /^\d{1,6}$/.test(limit) ? Number(limit) : 0
  if (count < 1 || count > LISTED_MAX)
    throw new UsageError(`--limit must be a number from 1 to ${LISTED_MAX}, not "${limit}".`)
  return count
}

function printHelp(): number {
  for (const { usage, does } of Object.values(ACTIONS)) console.log(`parlance webhooks ${usage} [--json]\n    ${does}`)
  console.log('\nThe database is that of PARLANCE_DATABASE_URL, or in PARLANCE_DATA_DIR.')
  return 0
}
