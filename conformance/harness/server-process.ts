import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))
const START_MS = 60_000

export type ServerProcess = {
  url: string
  dataDir: string
  /** Starts the program and waits until it takes requests. */
  start(): Promise<void>
  /** Ends it as Ctrl-C does, and waits; answers its exit code. */
  stop(): Promise<number | null>
  /** `kill -9`; PostgreSQL goes on without it. */
  kill(): Promise<void>
  /** `kill -9` of PostgreSQL's first process; its others end by themselves. */
  killPostgres(): Promise<void>
  /** Runs another command of the program beside it. */
  command(args: string[]): Promise<{ code: number | null; out: string; err: string }>
  /** What it printed so far. */
  output(): string
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** The real program, with its own PostgreSQL, on a data folder and a port of its own. Not started yet. */
export async function createServerProcess(env: Record<string, string> = {}): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-conformance-'))
  // Passable for the account that runs PostgreSQL where the tests run as root.
  await chmod(folder, 0o755)
  const dataDir = join(folder, 'data')
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let output = ''

  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || !isRunning()) return child?.exitCode ?? null
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
    return child.exitCode
  }
  return {
    url,
    dataDir,
    output: () => output,
    command: (args) => runCommand(args, { ...cleanEnvironment(), ...SETTINGS, ...env, PARLANCE_DATA_DIR: dataDir }),
    start: async () => {
      child = spawn(process.execPath, [MAIN, 'start'], {
        env: { ...cleanEnvironment(), ...SETTINGS, ...env, PARLANCE_PORT: String(port), PARLANCE_DATA_DIR: dataDir },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child.stdout!.on('data', (chunk) => (output = (output + chunk).slice(-100_000)))
      child.stderr!.on('data', (chunk) => (output = (output + chunk).slice(-100_000)))
      await waitUntilHealthy(url, isRunning, () => output)
    },
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    killPostgres: async () => void process.kill(await readPostmasterPid(dataDir), 'SIGKILL'),
    remove: async () => {
      await end('SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

// Quick password hashes, and limits out of the way of tests that are not about them.
const SETTINGS = {
  PARLANCE_HOST: '127.0.0.1',
  PARLANCE_BCRYPT_COST: '4',
  PARLANCE_LOG_LEVEL: 'error',
  PARLANCE_SEED: 'false',
  PARLANCE_LIMIT_REGISTERS_PER_HOUR: '1000000',
  PARLANCE_LIMIT_SENDS: '1000000',
  PARLANCE_LIMIT_REQUESTS: '1000000',
  PARLANCE_LIMIT_CLIENT_READS: '1000000',
  PARLANCE_LIMIT_CLIENT_WRITES: '1000000',
  PARLANCE_LIMIT_CLIENT_AUTH_FAILURES: '1000000',
}

async function runCommand(args: string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, out, err }
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLANCE_')))
}

async function waitUntilHealthy(url: string, isRunning: () => boolean, output: () => string): Promise<void> {
  const giveUpAt = performance.now() + START_MS
  while (performance.now() < giveUpAt) {
    if (!isRunning()) throw new Error(`the server ended while it started:\n${output()}`)
    const answer = await fetch(`${url}/healthz`).catch(() => undefined)
    if (answer?.status === 200) return
    await delay(50)
  }
  throw new Error(`the server does not answer after ${START_MS} ms:\n${output()}`)
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** The first line of the cluster's postmaster.pid. */
async function readPostmasterPid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
  return Number(text.split('\n', 1)[0])
}
