import { loadConfig } from '../config.ts'
import { ACTIONS, type Action, type Outcome } from './client-actions.ts'
import { flagOf, readFlags } from './client-flags.ts'
import { explainFailure } from './explain-failure.ts'
import { UsageError } from './usage-error.ts'
import { withDatabase } from './with-database.ts'

/** `parlance client …`. Gives back the exit code: 2 where the words are wrong, 1 where it could not be done. */
export async function runClientCommand([name = '', ...args]: string[]): Promise<number> {
  if (['help', '--help', '-h'].includes(name) || args.includes('--help')) return printHelp()
  try {
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name]! : undefined
    if (name === '') throw new UsageError(`Say what to do: ${Object.keys(ACTIONS).join(', ')}.`)
    if (action === undefined)
      throw new UsageError(`There is no action "${name}" of client: see \`parlance client help\`.`)
    const { text, json, isJson } = await runAction(action, args)
    console.log(isJson ? JSON.stringify(json, null, 2) : text)
    return 0
  } catch (error) {
    const { sentence, code } = explainFailure(error, flagOf)
    console.error(sentence)
    return code
  }
}

async function runAction(action: Action, args: string[]): Promise<Outcome & { isJson: boolean }> {
  const { flags, words } = readFlags(args, action.flags)
  const wordsMax = action.hasClient ? 1 : 0
  if (words.length > wordsMax)
    throw new UsageError(`"${words[wordsMax]}" is one word too many: see \`parlance client help\`.`)
  const [client = ''] = words
  if (action.hasClient && client === '') throw new UsageError('Say which client, by its id or a public key of it.')
  const config = loadConfig(process.env, 'start')
  const outcome = await withDatabase(config, action.plan({ flags, client, config }))
  return { ...outcome, isJson: flags.json === true }
}

function printHelp(): number {
  for (const { usage, does } of Object.values(ACTIONS)) console.log(`parlance client ${usage} [--json]\n    ${does}`)
  console.log(
    '\nA <client> is an id or a public key. The database is that of PARLANCE_DATABASE_URL, or in PARLANCE_DATA_DIR.',
  )
  return 0
}
