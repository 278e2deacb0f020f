import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { endLeftovers } from '../../server/src/testing/postgres-holder.ts'

export interface Account {
  uid: number
  gid: number
}

export interface Clone {
  folder: string
  dataDir: string
  url: string
  port: number
  /** Runs a command of npm's as a terminal does, in a process group of its own. */
  npm(args: string[], env?: Record<string, string>): Command
  /** `npm start`, back when the server takes requests. */
  start(env?: Record<string, string>): Promise<Command>
}

export interface Command {
  /** All that it has printed so far. */
  output(): string
  exit: Promise<number | NodeJS.Signals>
  /** Ctrl-C: the terminal sends it to every process of the group. */
  interrupt(): void
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const INSTALL_AND_START_MS = 300_000
const run = promisify(execFile)

/** A fresh clone of what is committed, in a folder with a space; nothing is installed in it. */
export async function cloneRepository(t: TestContext, account?: Account): Promise<Clone> {
  const parent = await mkdtemp(join(tmpdir(), 'parlance-clone-'))
  const folder = join(parent, 'my parlance')
  const home = join(parent, 'home')
  const dataDir = join(folder, 'data')
  const running = new Set<ChildProcess>()
  t.after(async () => {
    for (const child of running) signalGroup(child, 'SIGKILL')
    await endLeftovers(dataDir)
    await rm(parent, { recursive: true, force: true })
  })
  await run('git', ['clone', '--quiet', '--no-local', ROOT, folder])
  await mkdir(home)
  if (account) await run('chown', ['-R', `${account.uid}:${account.gid}`, parent])

  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const npm = (args: string[], env: Record<string, string> = {}) => {
    const child = spawn('npm', args, {
      ...account,
      cwd: folder,
      env: { ...bareEnvironment(), ...(account && { HOME: home }), PARLANCE_PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    running.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const exit = once(child, 'close').then(([code, signal]) => {
      running.delete(child)
      return code ?? signal
    })
    return { output: () => output, exit, interrupt: () => signalGroup(child, 'SIGINT') }
  }
  const start = async (env: Record<string, string> = {}) => {
    const command = npm(['start'], env)
    await waitUntilHealthy(url, command)
    return command
  }
  return { folder, dataDir, url, port, npm, start }
}

/** The process id of the cluster's server and of the process that started it. */
export async function findProcesses(clone: Clone): Promise<{ postgres: number; parlance: number }> {
  const elsewhere = (await readFile(join(clone.dataDir, 'postgres.location'), 'utf8').catch(() => '')).trim()
  const text = await readFile(join(elsewhere || clone.dataDir, 'postgres', 'postmaster.pid'), 'utf8')
  const postgres = Number(text.split('\n', 1)[0])
  const { stdout } = await run('ps', ['-o', 'ppid=', '-p', String(postgres)])
  return { postgres, parlance: Number(stdout) }
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

// The test runner's own Node and settings are not those of a person's terminal.
function bareEnvironment(): NodeJS.ProcessEnv {
  const isKept = (name: string) => !/^(PARLANCE_|npm_|NODE_|INIT_CWD)/.test(name)
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => isKept(name)))
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  return { ...kept, PATH: path.join(':') }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, signal)
}

async function waitUntilHealthy(url: string, command: Command): Promise<void> {
  const giveUpAt = performance.now() + INSTALL_AND_START_MS
  let hasEnded = false
  void command.exit.then(() => {
    hasEnded = true
  })
  while (performance.now() < giveUpAt) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined)
    if (answer?.status === 200) return
    if (hasEnded) throw new Error(`npm start ended:\n${command.output()}`)
    await delay(50)
  }
  throw new Error(`npm start does not answer:\n${command.output()}`)
}
