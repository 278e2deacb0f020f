import type { CpuProcesses, CpuSample } from '../load/cpu.ts'
import type { Quantiles } from '../load/histogram.ts'
import type { BenchDatabase } from '../stage/database.ts'
import type { Stage } from '../stage/stage.ts'
import type { TargetName } from '../stage/targets.ts'

export type Bench = {
  stages: Record<TargetName, Stage>
  database: BenchDatabase
  rounds: number
  warmUpMs: number
  measureMs: number
  log(line: string): void
}

/** What one phase of one server came to. */
export type Sample = {
  /** Operations per second. */
  perSecond: number
  /** Undefined where operations are not timed one by one. */
  latencyUs: Quantiles | undefined
  /** Processor time per operation, in microseconds. */
  cpu: CpuSample
  /** Bytes of one reply or frame; undefined where there is none. */
  bytes: number | undefined
  /** Undefined when every check held; else what did not. */
  fault: string | undefined
}

/** One row of the result: the same work in two ways, in alternation. */
export type Comparison = {
  id: string
  title: string
  unit: string
  aim: Aim | null
  /** What the two are called. */
  sides: Record<SideName, string>
  rounds: Record<SideName, Sample>[]
}

/** The ratio is that of what is measured to what it is measured by. */
export const SIDES = ['reference', 'measured'] as const
export type SideName = (typeof SIDES)[number]

/** The least ratio, or the most processor time of the measured side's process per operation, in microseconds. */
export type Aim = { ratioMin: number } | { serverUsMax: number }

/** Latency of one server at a rate that was set. */
export type LatencyRow = { title: string; target: TargetName; load: string; ratePerS: number; sample: Sample }

export type Scenario = (bench: Bench) => Promise<{ comparisons: Comparison[]; latencies: LatencyRow[] }>

export type Side = { name: string; run(): Promise<Sample> }
type About = Omit<Comparison, 'rounds' | 'sides'>

/** Runs one side, then the other, and so on: what the machine does meanwhile meets both. */
export async function alternate(bench: Bench, about: About, sides: Record<SideName, Side>): Promise<Comparison> {
  const rounds: Comparison['rounds'] = []
  for (let round = 0; round < bench.rounds; round++) {
    const reference = await runPhase(bench, about, sides.reference)
    const measured = await runPhase(bench, about, sides.measured)
    rounds.push({ reference, measured })
  }
  return { ...about, sides: { reference: sides.reference.name, measured: sides.measured.name }, rounds }
}

/** The two servers as sides: Parlance is measured by the baseline. */
export function bothServers({ stages }: Bench, phase: (stage: Stage) => Promise<Sample>): Record<SideName, Side> {
  const side = (name: TargetName) => ({ name, run: () => phase(stages[name]) })
  return { reference: side('baseline'), measured: side('parlance') }
}

export async function runPhase(bench: Bench, about: { title: string; unit: string }, side: Side): Promise<Sample> {
  await bench.database.settle()
  const sample = await side.run()
  const rate = Math.round(sample.perSecond).toLocaleString('en')
  const { serverUs, databaseUs } = sample.cpu
  const cpu = `server ${serverUs.toFixed(1)} µs, database ${databaseUs.toFixed(1)} µs each`
  const fault = sample.fault === undefined ? '' : `  NOT RIGHT: ${sample.fault}`
  bench.log(`${about.title}, ${side.name}: ${rate} ${about.unit}, ${cpu}${fault}`)
  return sample
}

export function cpuProcesses(bench: Bench, stage: Stage): CpuProcesses {
  return { serverPid: stage.target.pid, postmasterPid: bench.database.postmasterPid }
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
