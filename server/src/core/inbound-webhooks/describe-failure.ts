import { sqlState } from '../../platform/database/errors.ts'
import { AppError } from '../errors.ts'

const LENGTH_MAX = 300
const FRAMES_MAX = 6

// What parsers and the database quote in their messages is a piece of what they were given: from the first quotation
// mark to the last, since there may be more of them in it.
const QUOTED = /["'`].*["'`]/s
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
const CONTROLS = /[\x00-\x1f\x7f-\x9f]+/g

/** What went wrong, in plain text of up to 300 characters, without any of the data that it went wrong with. */
export function describeFailure(error: unknown): string {
  const text = describe(error).replace(CONTROLS, ' ').toWellFormed().trim()
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX - 1).toWellFormed()}…` : text
}

function describe(error: unknown): string {
  if (error instanceof AppError) return [error.message, ...Object.keys(error.fields ?? {})].join(' ')
  if (!(error instanceof Error)) return 'Something was thrown that is no error.'
  const state = sqlState(error)
  const name = state === undefined ? error.name : `PostgreSQL ${state}`
  return `${name}: ${String(error.message).replace(QUOTED, '…')}`
}

/** Where it was thrown: the stack without the message above it. */
export function describeFrames(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : []
  return lines.filter((line) => /^\s+at .+:\d+:\d+\)?$/.test(line)).slice(0, FRAMES_MAX)
}
