import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

type Config<O> = { args: string[]; options: O; allowPositionals: true }

/** Reads flags, and words that are none. What is wrong with them is a sentence that names the command's help. */
export function parseFlags<O extends ParseArgsOptionsConfig>(
  args: string[],
  { options, command }: { options: O; command: string },
) {
  try {
    const { values, positionals } = parseArgs<Config<O>>({ args, options, allowPositionals: true })
    return { flags: values, words: positionals }
  } catch (error) {
    throw explain(error, command)
  }
}

function explain(error: unknown, command: string): unknown {
  if (!(error instanceof TypeError)) return error
  // What follows the first sentence is advice for programmers.
  const [sentence = ''] = error.message.split(/[.\n]/)
  return new UsageError(`${sentence}: see \`parlance ${command} help\`.`)
}
