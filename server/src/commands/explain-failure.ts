import { AppError } from '../core/errors.ts'
import { isConnectionError } from '../platform/database/errors.ts'
import { ConfigError } from '../platform/settings.ts'
import { StartError } from '../platform/start-error.ts'
import { UsageError } from './usage-error.ts'

/**
 * What to say of a command that failed, and its exit code: 2 where the words are wrong, 1 where it could not be done.
 * `flagOf` says which flag a field of the operation came from.
 */
export function explainFailure(
  error: unknown,
  flagOf: (field: string) => string = (field) => field,
): { sentence: string; code: number } {
  if (error instanceof UsageError) return { sentence: error.message, code: 2 }
  if (error instanceof AppError && error.fields !== undefined) {
    const problems = Object.entries(error.fields).map(([field, [problem]]) => `${flagOf(field)} ${problem}`)
    return { sentence: `${problems.join('; ')}.`, code: 2 }
  }
  if (error instanceof AppError || error instanceof StartError || error instanceof ConfigError) {
    return { sentence: error.message, code: 1 }
  }
  if (isConnectionError(error)) return { sentence: 'The database went away: try again.', code: 1 }
  return { sentence: `It could not be done: ${error instanceof Error ? error.message : error}`, code: 1 }
}
