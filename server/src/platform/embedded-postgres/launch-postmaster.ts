import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { StartError } from '../start-error.ts'
import type { Binaries } from './binaries.ts'
import type { ClusterHome } from './cluster-home.ts'
import type { Endpoint } from './endpoint.ts'
import { explainFailure } from './explain-failure.ts'
import { findPostmaster, stopPostmaster, waitUntil } from './postmaster.ts'
import { bareEnvironment, serverArguments } from './settings.ts'

export interface Launch {
  home: ClusterHome
  binaries: Binaries
  endpoint: Endpoint
  logFile: string
}

// After a crash the server first replays its log: at most 1 GB (max_wal_size) and a slow disk.
const READY_TIMEOUT_MS = 300_000
const REMAINS_TIMEOUT_MS = 15_000

/** Starts a server and waits until it takes connections. Gives back its process id. */
export async function launchPostmaster(launch: Launch): Promise<number> {
  let pid: number | undefined
  // Where the remains of a killed server cannot be found (outside Linux), they end by themselves a moment later.
  await waitUntil(async () => {
    const outcome = await tryLaunch(launch)
    if (typeof outcome === 'number') pid = outcome
    else if (!outcome.includes('pre-existing shared memory block')) throw await explain(launch, outcome)
    return pid !== undefined
  }, REMAINS_TIMEOUT_MS)
  if (pid !== undefined) return pid
  throw new StartError(
    `Processes of an earlier PostgreSQL still work on ${launch.home.cluster}: end them, then start again.`,
  )
}

// The process id, or what the server wrote before it ended.
async function tryLaunch({ home, binaries, endpoint, logFile }: Launch): Promise<number | string> {
  const log = await open(logFile, 'a', 0o600)
  const { size: logStart } = await log.stat()
  try {
    // A session of its own: Ctrl-C in the terminal must not stop the database before the server has drained.
    const child = spawn(binaries.postgres, serverArguments(home.cluster, endpoint, binaries.version), {
      ...home.user,
      cwd: '/',
      detached: true,
      windowsHide: true,
      env: bareEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
    })
    child.unref()
    let hasEnded = false
    child.once('exit', () => {
      hasEnded = true
    })
    await once(child, 'spawn')
    const pid = child.pid!
    const isSettled = await waitUntil(async () => hasEnded || (await isReady(home.cluster, pid)), READY_TIMEOUT_MS)
    if (isSettled && !hasEnded) return pid
    if (!isSettled) await stopPostmaster(pid, home.cluster, binaries)
  } catch (cause) {
    if (cause instanceof StartError) throw cause
    throw new StartError(
      `${binaries.postgres} cannot run on this machine: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    )
  } finally {
    await log.close()
  }
  return readFrom(logFile, logStart)
}

async function isReady(cluster: string, pid: number): Promise<boolean> {
  const postmaster = await findPostmaster(cluster)
  return postmaster !== undefined && postmaster.pid === pid && postmaster.status === 'ready'
}

async function explain({ home, logFile }: Launch, output: string): Promise<StartError> {
  return explainFailure({ output, folder: home.path, what: `PostgreSQL did not start (its log is ${logFile})` })
}

async function readFrom(file: string, start: number): Promise<string> {
  const log = await open(file)
  try {
    const { size } = await log.stat()
    const length = Math.min(size - start, 65_536)
    const { buffer } = await log.read(Buffer.alloc(length), 0, length, start)
    return buffer.toString('utf8')
  } finally {
    await log.close()
  }
}
