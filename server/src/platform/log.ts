import { type DestinationStream, pino } from 'pino'

export type LogFields = Record<string, unknown>

/** Never give it tokens, passwords or the text of messages. */
export type Logger = {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  child(fields: LogFields): Logger
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** Writes a line of JSON for each entry, to standard output unless told otherwise. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } }
  return destination === undefined ? pino(options) : pino(options, destination)
}

const CAUSES_MAX = 5

/**
 * Only what an error says of itself. A database's error also carries the failing row, which may be what somebody wrote,
 * and the connection with its secrets.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack, cause } = error
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const described = cause === undefined || depth === CAUSES_MAX ? {} : { cause: describeError(cause, depth + 1) }
  return { type: error.constructor.name || name, message, ...code, stack, ...described }
}

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
}
