import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeFileSystem, describeMachine } from './report/machine.ts'
import { presentComparisons, presentReport, type Report } from './report/present.ts'
import type { Scenario } from './scenarios/bench.ts'
import { deliveries } from './scenarios/deliveries.ts'
import { dialects } from './scenarios/dialects.ts'
import { history } from './scenarios/history.ts'
import { sends } from './scenarios/sends.ts'
import { startDatabase } from './stage/database.ts'
import { Stage } from './stage/stage.ts'
import { startTarget, type Target } from './stage/targets.ts'

const SCENARIOS: Record<string, Scenario> = { sends, dialects, deliveries, history }
const OUT = fileURLToPath(new URL('./out/', import.meta.url))
const RESULTS = fileURLToPath(new URL('./RESULTS.md', import.meta.url))
const USAGE = `npm run bench -- [${Object.keys(SCENARIOS).join('|')}…] [--quick] [--noise] [--rounds 3]`

const startedAt = new Date()
const plan = readPlan()
await mkdir(OUT, { recursive: true })
const stops: (() => Promise<void>)[] = []
let stopping: Promise<void> | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().finally(() => process.exit(130)))
}
// Whoever reads the output may go away first, as `head` does; the servers must not stay behind.
process.stdout.once('error', () => void stopAll().finally(() => process.exit(1)))
try {
  await run()
} finally {
  await stopAll()
}

async function run(): Promise<void> {
  const machine = describeMachine()
  const database = await startDatabase()
  stops.push(() => database.stop())
  const stages = { baseline: await setStage('baseline'), parlance: await setStage('parlance') }
  const report: Report = {
    startedAt: startedAt.toISOString(),
    seconds: 0,
    machine,
    fileSystem: describeFileSystem(database.folder),
    postgres: database.settings,
    plan: { rounds: plan.rounds, warmUpMs: plan.warmUpMs, measureMs: plan.measureMs },
    comparisons: [],
    latencies: [],
  }
  for (const name of plan.scenarios) {
    const found = await SCENARIOS[name]!({ stages, database, ...report.plan, log: (line) => console.log(line) })
    report.comparisons.push(...found.comparisons)
    report.latencies.push(...found.latencies)
  }
  report.seconds = (Date.now() - startedAt.getTime()) / 1000
  await publish(report)

  async function setStage(name: Target['name']): Promise<Stage> {
    const program = plan.isNoise ? 'baseline' : name
    const target = await startTarget(name, { database, outFolder: OUT, program, nodeArgv: plan.nodeArgv })
    stops.push(() => target.stop())
    return Stage.set(target)
  }
}

async function publish(report: Report): Promise<void> {
  const name = `${report.startedAt.replaceAll(/[:.]/g, '-')}-${plan.scenarios.join('-')}`
  await writeFile(`${OUT}${name}.json`, JSON.stringify(report, null, 2))
  await writeFile(`${OUT}${name}.md`, presentReport(report))
  // Only a whole run with its full windows speaks for the project.
  if (plan.isWhole) await writeFile(RESULTS, presentReport(report))
  console.log(`\n${presentComparisons(report.comparisons)}\n\nDetails: bench/out/${name}.md`)
  const samples = [
    ...report.comparisons.flatMap((one) => one.rounds.flatMap((round) => [round.reference, round.measured])),
    ...report.latencies.map((row) => row.sample),
  ]
  // A missed aim is a number to look at; a lost or doubled message is a failure.
  if (samples.some((sample) => sample.fault !== undefined)) process.exitCode = 1
}

function readPlan() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      noise: { type: 'boolean' },
      rounds: { type: 'string' },
      'node-argv': { type: 'string' },
    },
  })
  // The baseline against itself: how far a ratio is from 1 without any cause. It has one dialect only.
  const isNoise = values.noise === true
  const names = Object.keys(SCENARIOS).filter((name) => !isNoise || SCENARIOS[name] !== dialects)
  const unknown = positionals.find((name) => !names.includes(name))
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
  if (unknown !== undefined || !Number.isInteger(rounds) || rounds < 1 || rounds > 20) {
    console.error(USAGE)
    process.exit(2)
  }
  return {
    scenarios: positionals.length > 0 ? positionals : names,
    isWhole: positionals.length === 0 && !values.quick && !isNoise,
    isNoise,
    rounds,
    warmUpMs: 1_000,
    measureMs: values.quick ? 2_000 : 3_000,
    // For profiling, as in --node-argv="--cpu-prof --cpu-prof-dir=bench/out".
    nodeArgv: values['node-argv']?.split(' ').filter((arg) => arg !== '') ?? [],
  }
}

function stopAll(): Promise<void> {
  stopping ??= (async () => {
    for (const stop of stops.toReversed()) await stop().catch((error) => console.error(error))
  })()
  return stopping
}
