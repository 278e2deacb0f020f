import { CONFIG, loadConfig } from './config.ts'
import { migrate } from './platform/database/migrate.ts'
import { listUnknownVariables, type Setting } from './platform/settings.ts'
import { StartError } from './platform/start-error.ts'

type Command = { usage: string; does: string; run(args: string[]): Promise<number> }

const COMMANDS: Record<string, Command> = {
  config: {
    usage: 'config [--json]',
    does: 'prints every setting with its value, and says what is wrong',
    run: async (args) => printConfig(args.includes('--json')),
  },
  migrate: {
    usage: 'migrate',
    does: 'brings the database of PARLANCE_DATABASE_URL to the schema of this version',
    run: migrateDatabase,
  },
  client: {
    usage: 'client <action>',
    does: 'makes, lists, changes and revokes API clients: see `parlance client help`',
    run: async (args) => (await import('./commands/client.ts')).runClientCommand(args),
  },
  webhooks: {
    usage: 'webhooks <action>',
    does: 'lists what carriers sent, and applies it again: see `parlance webhooks help`',
    run: async (args) => (await import('./commands/webhooks.ts')).runWebhooksCommand(args),
  },
  help: { usage: 'help', does: 'prints this', run: async () => printHelp() },
}

const SERVERS = [
  ['start', 'development: brings its own PostgreSQL, keeps its data in ./data'],
  ['serve', 'production: takes PostgreSQL and secrets from the environment'],
]

/** Runs a command that is not a server. Gives back the exit code. */
export async function runCommand(name: string, args: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command !== undefined) return command.run(args)
  console.error(`There is no command ${name}.\n`)
  printHelp()
  return 2
}

function printHelp(): number {
  const lines = [...SERVERS, ...Object.values(COMMANDS).map(({ usage, does }) => [usage, does])]
  for (const [usage, does] of lines) console.log(`parlance ${usage!.padEnd(18)} ${does}`)
  return 0
}

async function migrateDatabase(): Promise<number> {
  const { databaseUrl } = loadConfig(process.env, 'start')
  if (databaseUrl === null) {
    throw new StartError('PARLANCE_DATABASE_URL is not set: the embedded database is migrated by `parlance start`.')
  }
  const { applied } = await migrate(databaseUrl)
  console.log(applied.length === 0 ? 'The schema is up to date.' : `Applied ${applied.join(', ')}.`)
  return 0
}

/** Wrong values stop it with their sentence, like a start. */
function printConfig(isJson: boolean): number {
  const config = loadConfig(process.env, 'start')
  const rows = Object.entries(CONFIG).map(([key, setting]: [string, Setting<unknown>]) => ({
    variable: setting.variable,
    value: shown(setting, config[key as keyof typeof config]),
    isSet: Boolean(process.env[setting.variable]),
    type: setting.type,
    unit: setting.unit ?? null,
    default: setting.default,
    doc: setting.doc,
  }))
  const unknown = listUnknownVariables(CONFIG, process.env)
  if (isJson) console.log(JSON.stringify({ settings: rows, unknown }, null, 2))
  else for (const row of rows) console.log(formatRow(row))
  if (!isJson) for (const variable of unknown) console.log(`${variable} is not a setting: it has no effect.`)
  return 0
}

function shown({ isSecret }: Setting<unknown>, value: unknown): unknown {
  return isSecret && value !== null ? '(secret)' : value
}

type Row = { variable: string; value: unknown; isSet: boolean; type: string; unit: string | null; doc: string }

function formatRow({ variable, value, isSet, type, unit, doc }: Row): string {
  const text = value === null ? '(not set)' : Array.isArray(value) ? value.join(',') || '(none)' : String(value)
  const kind = unit === null ? type : `${type}, ${unit}`
  return `${variable}=${text}${isSet ? '' : '  (default)'}\n    ${doc} (${kind})\n`
}
