import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { errorCode, StartError } from '../start-error.ts'
import type { Binaries } from './binaries.ts'
import type { Endpoint } from './endpoint.ts'

/** What a running server, or one that was killed, says of itself in its cluster's postmaster.pid. */
export interface Postmaster {
  pid: number
  endpoint: Endpoint
  status: string
}

const run = promisify(execFile)
const POLL_MS = 5
// A fast shutdown writes what is in memory to disk: on a slow disk this takes its time, and cutting it costs a recovery.
const FAST_SHUTDOWN_MS = 60_000
const IMMEDIATE_SHUTDOWN_MS = 10_000

export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const [pid, , , port, socketFolder, address, , status = ''] = text.split('\n')
  return {
    pid: Number(pid),
    endpoint: { host: socketFolder || address || '', port: Number(port) },
    status: status.trim(),
  }
}

export function isAlive(pid: number): boolean {
  try {
    // Only a process of another account answers EPERM, and ours is not one.
    process.kill(pid, 0)
  } catch {
    return false
  }
  return !isZombie(pid)
}

// One that was left behind belongs to the machine's first process, which in a container may never collect it.
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return 'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2))
  } catch {
    return true
  }
}

/** Waits until the condition holds; false when it does not in time. */
export async function waitUntil(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) return false
    await delay(POLL_MS)
  }
  return true
}

/** Asks a server to end: sessions are cut, everything is written, the next start needs no recovery. Does not wait. */
export function requestStop(pid: number, cluster: string, binaries: Binaries): void {
  // Windows has no signals; there PostgreSQL listens to its own tool.
  if (process.platform === 'win32')
    execFile(binaries.pgCtl, ['stop', '--mode=fast', '--no-wait', `--pgdata=${cluster}`])
  else signal(pid, 'SIGINT')
}

/** Ends a server and waits for it; one that does not end in time is cut off, and the next start recovers. */
export async function stopPostmaster(pid: number, cluster: string, binaries: Binaries): Promise<void> {
  requestStop(pid, cluster, binaries)
  const isGone = () => !isAlive(pid)
  if (await waitUntil(isGone, FAST_SHUTDOWN_MS)) return
  signal(pid, 'SIGQUIT')
  if (await waitUntil(isGone, IMMEDIATE_SHUTDOWN_MS)) return
  throw new StartError(`PostgreSQL (process ${pid}) does not end: end it by hand, then start again.`)
}

/** The processes that work on the cluster: the server's, or what is left when only the server itself was killed. */
export async function findClusterProcesses(cluster: string, postmasterPid: number): Promise<number[]> {
  if (process.platform !== 'linux') return (await isPostgresByPs(postmasterPid)) ? [postmasterPid] : []
  const folder = await realpath(cluster)
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const isOurs = await Promise.all(
    names.map(async (name) => {
      // Every PostgreSQL process works in the cluster's folder, and so may somebody's shell.
      const [cwd, program] = await Promise.all([readlink(`/proc/${name}/cwd`), readlink(`/proc/${name}/exe`)]).catch(
        () => ['', ''],
      )
      return cwd === folder && /\/postgres( \(deleted\))?$/.test(program)
    }),
  )
  return names.filter((_, index) => isOurs[index]).map(Number)
}

/** Makes way for a new server after a crash: ends what is left of the old one and removes its pid file. */
export async function clearRemains(cluster: string, pids: number[]): Promise<void> {
  for (const pid of pids) signal(pid, 'SIGQUIT')
  const areGone = () => pids.every((pid) => !isAlive(pid))
  if (!(await waitUntil(areGone, IMMEDIATE_SHUTDOWN_MS))) {
    for (const pid of pids.filter(isAlive)) signal(pid, 'SIGKILL')
    await waitUntil(areGone, IMMEDIATE_SHUTDOWN_MS)
  }
  // PostgreSQL would refuse to start if another program of the same account now had the old process id.
  await rm(join(cluster, 'postmaster.pid'), { force: true })
}

async function isPostgresByPs(pid: number): Promise<boolean> {
  if (process.platform === 'win32') return isAlive(pid)
  return run('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.includes('postgres'),
    () => false,
  )
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error
  }
}
