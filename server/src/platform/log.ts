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
export function createLogger(level: LogLevel, destination: DestinationStream = openStandardOutput()): Logger {
  const options = { level, base: null, timestamp: createTimestamps(), serializers: { err: describeError } }
  return pino(options, destination)
}

/** The time as a field of pino's. A busy server asks many times within a millisecond. */
function createTimestamps(): () => string {
  let nowMs = Number.NaN
  let field = ''
  return () => {
    const now = Date.now()
    if (now !== nowMs) {
      nowMs = now
      field = `,"time":"${new Date(now).toISOString()}"`
    }
    return field
  }
}

const GATHERED_LINES_MAX = 1_000
const GATHER_MS = 50
const WARN = pino.levels.values.warn!

/**
 * Lines that only inform are gathered for a moment: to write each by itself costs more than to make it. What is wrong is
 * written at once, with all before it; what was gathered when the process ends, as it ends.
 */
export function gatherLines(output: {
  write(text: string): void
  flushSync(): void
}): DestinationStream & { close(): void } {
  let lines: string[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (lines.length === 0) return
    const text = lines.join('')
    lines = []
    output.write(text)
  }
  const destination = {
    // Asks pino to say of each line which level it is of.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      lines.push(line)
      if (this.lastLevel >= WARN || lines.length >= GATHERED_LINES_MAX) flush()
      else timer ??= setTimeout(flush, GATHER_MS)
    },
    close() {
      flush()
      output.flushSync()
    },
  }
  return destination
}

function openStandardOutput(): DestinationStream {
  const destination = gatherLines(pino.destination({ dest: 1, sync: true }))
  process.once('exit', () => destination.close())
  return destination
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
