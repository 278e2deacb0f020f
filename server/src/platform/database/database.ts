import { CamelCasePlugin, Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { DB } from './schema.generated.ts'

/** The pool, or the transaction that is open on one of its connections. Columns are camelCase here. */
export type Database = Kysely<DB> | Transaction<DB>

export type DatabasePool = {
  kysely: Kysely<DB>
  /** For the few statements that are worth a prepared name of their own. Never used inside a transaction. */
  pool: pg.Pool
  close(): Promise<void>
}

export type DatabaseOptions = {
  url: string
  /** Most connections at once. */
  connectionsMax: number
  /** How long to wait for a connection before giving up, in milliseconds. */
  connectTimeoutMs?: number
  applicationName?: string
  /** Further run-time settings of each connection, for example `{ jit: 'off' }`. */
  settings?: Record<string, string>
  onError?: (error: Error) => void
}

const INT8_OID = 20
const TIMESTAMPTZ_OID = 1184

const SETTINGS = { timezone: 'UTC', statement_timeout: '60000', idle_in_transaction_session_timeout: '60000' }

function formatSettings(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ')
}

export function openPool(options: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connectionsMax,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    application_name: options.applicationName ?? 'parlance',
    options: formatSettings({ ...SETTINGS, ...options.settings }),
    types: { getTypeParser },
  })
  // A connection that breaks is replaced by the pool, and its query fails; without listeners, on it while it is in
  // use and on the pool while it is idle, it would also end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  pool.on('error', (error) => options.onError?.(error))
  return pool
}

export function openDatabase(options: DatabaseOptions): DatabasePool {
  const pool = openPool(options)
  const kysely = new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
  return { kysely, pool, close: () => kysely.destroy() }
}

/** Numbers for int8 (our counters stay below 2^53) and ISO text for moments; all else as `pg` does it. */
export const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (format !== 'binary') {
    if (oid === INT8_OID) return Number
    if (oid === TIMESTAMPTZ_OID) return parseTimestamp
  }
  return pg.types.getTypeParser(oid, format as 'text')
}) as typeof pg.types.getTypeParser

/** `2026-01-31 09:30:00.12+00` → `2026-01-31T09:30:00.120Z`; the session's time zone is UTC. */
export function parseTimestamp(text: string): string {
  const date = text.slice(0, 10)
  const time = text.slice(11, 19)
  const fraction = text[19] === '.' ? text.slice(20, text.indexOf('+', 20)) : ''
  return `${date}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`
}
