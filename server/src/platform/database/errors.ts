import pg from 'pg'

/** PostgreSQL's code for an error, for example `23505`; undefined where it is none of PostgreSQL's. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined
}

/** True where a unique index refused a row; with a name, only for that index. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof pg.DatabaseError) || error.code !== '23505') return false
  return constraint === undefined || error.constraint === constraint
}

/** Deadlocks and serialisation failures: the transaction was undone and may run again. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error)
  return state === '40P01' || state === '40001'
}

/** The statement ran longer than it was given. */
export function isCanceled(error: unknown): boolean {
  return sqlState(error) === '57014'
}

const SOCKET_ERRORS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'ENOTFOUND'])

/** The database went away or is not there; whether the last statement was carried out is unknown. */
export function isConnectionError(error: unknown): boolean {
  const state = sqlState(error)
  // Class 08 is a broken connection, 57P0x a server that stops, crashes or starts.
  if (state !== undefined) return state.startsWith('08') || state.startsWith('57P0')
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string' && SOCKET_ERRORS.has(error.code)) return true
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
    error.message,
  )
}
