/**
 * The process: `start` and `serve` run a server until a signal ends it; every other word is a command of cli.ts.
 * Order of a stop: sockets and requests drain, the core closes, PostgreSQL ends last. A second signal skips the waiting:
 * PostgreSQL is still asked to end, and what it cannot finish the next start recovers.
 */
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunningServer } from './app.ts'
import { CONFIG, type Config, loadConfig, type Mode } from './config.ts'
import { openDataFolder } from './platform/data-folder.ts'
import { startEmbeddedPostgres } from './platform/embedded-postgres/embedded-postgres.ts'
import { createLogger, type Logger } from './platform/log.ts'
import { explainListenError, requireFreePort } from './platform/require-free-port.ts'
import { ConfigError, listUnknownVariables } from './platform/settings.ts'
import { StartError } from './platform/start-error.ts'

interface Database {
  url: string
  stop(): Promise<void>
  abandon(): void
}

// What is left after the drain: answers under way, writes, jobs.
const CLOSE_MS = 10_000
// npm passes a Ctrl-C on that the terminal has already delivered: two so close together are one.
const SAME_PRESS_MS = 500
const PARENT_CHECK_MS = 500

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  const isExplained = error instanceof StartError || error instanceof ConfigError
  console.error(isExplained ? error.message : error)
  process.exit(1)
}

async function main([command = 'help', ...args]: string[]): Promise<number> {
  if (command === 'start' || command === 'serve') return runServer(command)
  const { runCommand } = await import('./cli.ts')
  return runCommand(command, args)
}

async function runServer(mode: Mode): Promise<number> {
  const stopRequest = waitForStop()
  const config = loadConfig(process.env, mode)
  await requireFreePort(config)
  const log = createLogger(config.logLevel)
  for (const variable of listUnknownVariables(CONFIG, process.env)) {
    log.warn({ variable }, 'this is not a setting of Parlance and has no effect: see `parlance config`')
  }

  const database = await startDatabase(config, mode)
  try {
    const server = await startServer(config, { database, mode, log })
    announce(server, config, mode, log)
    await stopRequest
    await drain(server, config, log)
  } finally {
    await database.stop()
  }
  return 0
}

// PostgreSQL starts while the program's own code loads.
async function startDatabase(config: Config, mode: Mode): Promise<Database> {
  const loading = import('./app.ts')
  // Reported where it is awaited; until then it must not count as unhandled.
  loading.catch(() => {})
  if (config.databaseUrl !== null) {
    if (mode === 'start' || config.storageUrl === null) await openDataFolder(config.dataDir)
    return { url: config.databaseUrl, stop: async () => {}, abandon: () => {} }
  }
  const database = await startEmbeddedPostgres({ dataDir: config.dataDir, log: (line) => console.log(line) })
  // Whatever ends this process, short of a kill, ends PostgreSQL too.
  process.once('exit', database.abandon)
  return database
}

type Start = { database: Database; mode: Mode; log: Logger }

async function startServer(config: Config, { database, mode, log }: Start): Promise<RunningServer> {
  const app = await import('./app.ts')
  try {
    return await app.startServer(config, { databaseUrl: database.url, log, mode })
  } catch (error) {
    throw explainListenError(error, config)
  }
}

async function drain(server: RunningServer, { drainS }: Config, log: Logger): Promise<void> {
  const drainMs = drainS * 1_000 + CLOSE_MS
  const giveUp = new AbortController()
  const isDrained = await Promise.race([
    server.close().then(() => true),
    delay(drainMs, false, { signal: giveUp.signal }).catch(() => false),
  ])
  giveUp.abort()
  if (!isDrained) log.warn({ drainMs }, 'some requests did not end in time and were cut')
}

function waitForStop(): Promise<void> {
  let firstAt: number | undefined
  return new Promise((resolve) => {
    watchParent(resolve)
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        const now = performance.now()
        if (firstAt !== undefined && now - firstAt > SAME_PRESS_MS) process.exit(130)
        firstAt ??= now
        resolve()
      })
    }
  })
}

// A SIGTERM to npm ends the shell between it and us, which passes nothing on: what is left to see is that the shell is gone.
function watchParent(onGone: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onGone()
  }, PARENT_CHECK_MS)
  timer.unref()
}

function announce(server: RunningServer, config: Config, mode: Mode, log: Logger): void {
  if (mode === 'serve') {
    log.info({ url: server.url }, 'Parlance takes requests')
    return
  }
  console.log(`
Parlance is running at ${server.url}

  API reference  ${server.url}/docs
  Data           ${resolve(config.dataDir)}${config.databaseUrl === null ? ' (PostgreSQL included)' : ''}
${presentDemo(server)}
Ctrl-C stops it.`)
}

function presentDemo({ demo }: RunningServer): string {
  if (demo === undefined) return ''
  return `
This first start made a demo workspace. Sign in with POST /login as
  ${demo.emails.join(', ')}
  password ${demo.password} (shown only now)
and a demo client of customer messaging. Call /api/v1 with
  X-Public-Key: ${demo.keys.publicKey}
  Authorization: Bearer ${demo.keys.token} (shown only now)
`
}
