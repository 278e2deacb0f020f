import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { checkMigrations } from './check-migrations.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BIN = join(ROOT, 'node_modules', '.bin')

type Outcome = { isGood: boolean; output: string; note?: string }
type Step = { name: string; run(): Promise<Outcome> }

const STEPS: Step[] = [
  { name: 'format and lint', run: () => program('biome', 'ci', '--colors=off', '.') },
  { name: 'types', run: () => program('tsc', '--project', '.') },
  {
    name: 'who imports whom',
    run: () =>
      program('depcruise', '--config', '.dependency-cruiser.mjs', 'server/src', 'scripts', 'bench', 'conformance'),
  },
  { name: 'unused code', run: () => program('knip', '--no-progress', '--no-config-hints') },
  { name: 'migrations', run: checkMigrations },
  { name: 'generated files', run: () => script('generate.ts', '--check') },
]

const TESTED = ['quick', 'model', 'crash', 'large']

const TESTS: Step = {
  name: 'tests',
  async run() {
    const outcome = await script('test.ts', ...TESTED.flatMap((suite) => ['--suite', suite]))
    const count = (name: string) => outcome.output.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? '?'
    return { ...outcome, note: `${count('pass')} passed, ${count('fail')} failed, ${count('skipped')} skipped` }
  },
}

const { values } = parseArgs({ options: { tests: { type: 'boolean', default: true } }, allowNegative: true })
process.exitCode = await check(values.tests ? [...STEPS, TESTS] : STEPS)

/** Runs every step, also after one has failed, and shows the output of those that did. */
async function check(steps: Step[]): Promise<number> {
  const startedAt = performance.now()
  let failed = 0
  for (const { name, run } of steps) {
    const stepStartedAt = performance.now()
    const { isGood, output, note } = await run()
    const seconds = ((performance.now() - stepStartedAt) / 1000).toFixed(1)
    console.log(`${isGood ? 'ok  ' : 'FAIL'} ${name.padEnd(18)} ${seconds.padStart(6)} s${note ? `   ${note}` : ''}`)
    if (isGood) continue
    failed++
    console.log(output.trimEnd().replaceAll(/^/gm, '     '))
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${steps.length - failed} of ${steps.length} checks passed in ${seconds} s`)
  return failed === 0 ? 0 : 1
}

function program(name: string, ...args: string[]): Promise<Outcome> {
  return capture(join(BIN, name), args)
}

function script(name: string, ...args: string[]): Promise<Outcome> {
  return capture(process.execPath, [join(ROOT, 'scripts', name), ...args])
}

async function capture(command: string, args: string[]): Promise<Outcome> {
  // The tools are Node programs: they run on the Node that runs this.
  const env = { ...process.env, PATH: `${BIN}:${process.env.PATH}`, NO_COLOR: '1' }
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await exit) as [number | null]
  return { isGood: code === 0, output: stdout + stderr }
}
