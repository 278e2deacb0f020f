// Runs the tests on a PostgreSQL of their own. Ownership: this process starts the server and node's test runner,
// each in a session of its own; on Ctrl-C the runner ends first, then the server goes and its folder with it.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chooseTests, SUITES, type Suite } from './test-files.ts'
import { startTestPostgres, type TestPostgres } from './test-postgres.ts'

const USAGE = `npm test -- [options] [files or folders]

  --suite <name>   one of ${SUITES.join(', ')}; may be given again
  --full           every suite, in its long form
  --outside        on the machine's own PostgreSQL instead of the embedded one

PARLANCE_TEST_DATABASE_URL names a server to use instead of starting one.`

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const COUNTS = ['tests', 'passed', 'failed', 'cancelled', 'skipped', 'todo'] as const
const TEST_TIMEOUT_MS = 10 * 60_000
const FULL_TEST_TIMEOUT_MS = 60 * 60_000
const END_TIMEOUT_MS = 15_000

type Counts = Record<(typeof COUNTS)[number], number>
type Stage = { files: string[]; concurrency: number }
type Options = { stages: Stage[]; isFull: boolean; databaseUrl: string }

let runner: ChildProcess | undefined
let isInterrupted = false

process.exitCode = await main()

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      suite: { type: 'string', multiple: true },
      full: { type: 'boolean', default: false },
      outside: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return say(USAGE, 0)
  const wrong = values.suite?.find((name) => !isSuite(name))
  if (wrong !== undefined) return say(`There is no suite ${wrong}.\n\n${USAGE}`, 2)
  const suites = values.suite?.filter(isSuite)
  const files = await chooseTests(ROOT, { paths: positionals, suites, isFull: values.full })
  const stages = [
    { files: files.quick, concurrency: availableParallelism() },
    { files: files.heavy, concurrency: 1 },
  ].filter((stage) => stage.files.length > 0)
  if (stages.length === 0) return say('No test file matches.', 2)

  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt)
  const given = process.env.PARLANCE_TEST_DATABASE_URL
  if (given && !values.outside) return runStages({ stages, isFull: values.full, databaseUrl: given })
  const postgres = await startTestPostgres(values.outside ? 'outside' : 'embedded')
  if (postgres === undefined) return say('Skipped: this machine has no PostgreSQL 15 or newer of its own.', 0)
  return runOn(postgres, { stages, isFull: values.full })
}

async function runOn(postgres: TestPostgres, options: Omit<Options, 'databaseUrl'>): Promise<number> {
  try {
    console.log(`PostgreSQL ${postgres.version}`)
    return await runStages({ ...options, databaseUrl: postgres.url })
  } finally {
    await postgres.stop()
  }
}

async function runStages(options: Options): Promise<number> {
  const startedAt = performance.now()
  const total: Counts = { tests: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }
  let isGood = true
  for (const stage of options.stages) {
    if (isInterrupted) break
    const { counts, exitCode } = await runStage(stage, options)
    for (const name of COUNTS) total[name] += counts?.[name] ?? 0
    isGood &&= counts !== undefined && exitCode === 0
  }
  const names = { ...total, pass: total.passed, fail: total.failed }
  for (const name of ['tests', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const) {
    console.log(`# ${name} ${names[name]}`)
  }
  console.log(`# duration_ms ${Math.round(performance.now() - startedAt)}`)
  if (isInterrupted) return 130
  return isGood ? 0 : 1
}

async function runStage(
  stage: Stage,
  { isFull, databaseUrl }: Options,
): Promise<{ counts?: Counts; exitCode: number | null }> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-counts-'))
  const countsFile = join(folder, 'counts.json')
  const flags = [
    '--test',
    `--test-concurrency=${stage.concurrency}`,
    `--test-timeout=${isFull ? FULL_TEST_TIMEOUT_MS : TEST_TIMEOUT_MS}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${new URL('test-counts.ts', import.meta.url).href}`,
    `--test-reporter-destination=${countsFile}`,
  ]
  const env = {
    ...bareEnvironment(),
    PARLANCE_TEST_DATABASE_URL: databaseUrl,
    ...(isFull && { PARLANCE_TEST_FULL: '1' }),
  }
  try {
    runner = spawn(process.execPath, [...flags, ...stage.files], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    })
    const [exitCode]: [number | null] = (await once(runner, 'exit')) as [number | null]
    const text = await readFile(countsFile, 'utf8').catch(() => '')
    return { exitCode, ...(text !== '' && { counts: JSON.parse(text) as Counts }) }
  } finally {
    runner = undefined
    await rm(folder, { recursive: true, force: true })
  }
}

/** The tests see nothing of how this shell has set Parlance up. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const isKept = (name: string) => !name.startsWith('PARLANCE_') || /^PARLANCE_(TEST_|CONTRACTS)/.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isKept(name)))
}

function interrupt(): void {
  isInterrupted = true
  endRunner('SIGTERM')
  setTimeout(() => endRunner('SIGKILL'), END_TIMEOUT_MS).unref()
}

/** Ends the runner, and with it the test files and the servers that they started. */
function endRunner(signal: NodeJS.Signals): void {
  if (runner?.pid === undefined) return
  try {
    process.kill(-runner.pid, signal)
  } catch {
    runner.kill(signal)
  }
}

function isSuite(name: string): name is Suite {
  return SUITES.some((suite) => suite === name)
}

function say(text: string, exitCode: number): number {
  console.log(text)
  return exitCode
}
