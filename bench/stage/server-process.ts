import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A program under measurement, in a process of its own. */
export type ServerProcess = { port: number; pid: number; stop(): Promise<void> }

export type ServerOptions = {
  /** Arguments of Node. */
  argv: string[]
  env: (port: number) => Record<string, string>
  logFile: string
}

const START_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 20_000

export async function startServerProcess({ argv, env, logFile }: ServerOptions): Promise<ServerProcess> {
  const port = await findFreePort()
  const log = openSync(logFile, 'w')
  const { PATH, HOME, TMPDIR } = process.env
  // Nothing of the caller's settings reaches the servers: only what is written here is measured.
  const child = spawn(process.execPath, argv, {
    env: { PATH, HOME, TMPDIR, NODE_ENV: 'production', ...env(port) },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  await once(child, 'spawn')
  try {
    await waitUntilHealthy(port, child)
  } catch (error) {
    await stop(child)
    const said = readFileSync(logFile, 'utf8').slice(-2_000)
    throw new Error(`${argv.join(' ')} did not start: ${error instanceof Error ? error.message : error}\n${said}`)
  }
  return { port, pid: child.pid!, stop: () => stop(child) }
}

async function waitUntilHealthy(port: number, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + START_TIMEOUT_MS
  while (performance.now() < giveUpAt) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended')
    const reply = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined)
    if (reply?.ok) return
    await delay(25)
  }
  throw new Error('it does not answer on /healthz')
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}

async function findFreePort(): Promise<number> {
  const probe = createServer()
  await once(probe.listen(0, '127.0.0.1'), 'listening')
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('A listening socket has no port.')
  return address.port
}
