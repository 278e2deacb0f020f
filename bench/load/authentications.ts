import { createHash } from 'node:crypto'
import { loadConfig, rateLimitsOf } from '../../server/src/config.ts'
import { authenticateClient } from '../../server/src/core/clients/authenticate-client.ts'
import { ClientCache } from '../../server/src/core/clients/client-cache.ts'
import { loadClient } from '../../server/src/core/clients/load-client.ts'
import { TokenUses } from '../../server/src/core/clients/token-uses.ts'
import { RateLimits } from '../../server/src/core/limits/rate-limits.ts'
import { createSystemClock } from '../../server/src/platform/clock.ts'
import { type DatabasePool, openDatabase } from '../../server/src/platform/database/database.ts'
import { silentLogger } from '../../server/src/platform/log.ts'
import { type CpuSample, sampleCpu, subtractCpu } from './cpu.ts'

export type AuthenticationsTask = {
  kind: 'authentications'
  databaseUrl: string
  postmasterPid: number
  /** As the server does it, or with a query for each. */
  way: 'remembered' | 'queried'
  publicKey: string
  token: string
}

export type AuthenticationsResult = {
  perSecond: number
  /** Per call, in microseconds; the server's is this process's own. */
  cpu: CpuSample
  failures: number
}

/** Whether the caller was let in. */
type Authenticate = (attempt: { publicKey: string; token: string }) => Promise<boolean>
type Way = {
  calls: number
  lanes: number
  open(database: DatabasePool): { authenticate: Authenticate; close(): Promise<void> }
}

const CONNECTIONS = 10
const ADDRESS = '127.0.0.1'

const WAYS: Record<AuthenticationsTask['way'], Way> = {
  // One after the other: nothing is waited for.
  remembered: { calls: 200_000, lanes: 1, open: remember },
  queried: { calls: 5_000, lanes: CONNECTIONS, open: query },
}

/** Authenticates one client again and again, without HTTP around it. */
export async function runAuthentications(task: AuthenticationsTask): Promise<AuthenticationsResult> {
  const { calls, lanes, open } = WAYS[task.way]
  const database = openDatabase({ url: task.databaseUrl, connectionsMax: CONNECTIONS, applicationName: 'bench' })
  const { authenticate, close } = open(database)
  const cpu = { serverPid: process.pid, postmasterPid: task.postmasterPid }
  try {
    await repeat(calls / 5, lanes)
    const start = { at: performance.now(), cpu: sampleCpu(cpu) }
    const failures = await repeat(calls, lanes)
    const used = subtractCpu(sampleCpu(cpu), start.cpu)
    const seconds = (performance.now() - start.at) / 1_000
    // The process's own count of itself is finer than that of /proc.
    const each = { serverUs: used.clientUs / calls, databaseUs: used.databaseUs / calls, clientUs: 0 }
    return { perSecond: calls / seconds, cpu: each, failures }
  } finally {
    await close()
    await database.close()
  }

  async function repeat(times: number, lanes: number): Promise<number> {
    let left = times
    let failures = 0
    const callMany = async () => {
      while (left-- > 0) if (!(await authenticate(task))) failures++
    }
    await Promise.all(Array.from({ length: lanes }, callMany))
    return failures
  }
}

function remember(database: DatabasePool) {
  const clock = createSystemClock()
  const tokenUses = new TokenUses({ database, clock, log: silentLogger })
  const clients = new ClientCache({ load: (key) => loadClient(database.kysely, key), clientsMax: 1_000 })
  const limits = new RateLimits(rateLimitsOf(loadConfig({}, 'start')))
  const core = { ports: { clients, limits, tokenUses }, clock }
  const authenticate: Authenticate = async ({ publicKey, token }) => {
    const actor = await authenticateClient(core, { publicKey, token, origin: undefined, address: ADDRESS })
    return actor.isLive
  }
  return { authenticate, close: () => tokenUses.close() }
}

function query({ pool }: DatabasePool) {
  const text = `select t.expires_at from clients c join client_tokens t on t.client_id = c.id
    where t.token_hash = $1 and t.is_live and t.revoked_at is null and c.live_public_key = $2 and c.revoked_at is null`
  const authenticate: Authenticate = async ({ publicKey, token }) => {
    const hash = createHash('sha256').update(token).digest()
    const { rows } = await pool.query<{ expires_at: string | null }>(text, [hash, publicKey])
    const [found] = rows
    return found !== undefined && (found.expires_at === null || found.expires_at > new Date().toISOString())
  }
  return { authenticate, close: async () => {} }
}
