import type { CpuProcesses, CpuSample } from '../load/cpu.ts'
import type { Quantiles } from '../load/histogram.ts'
import type { BenchDatabase } from '../stage/database.ts'
import type { Stage } from '../stage/stage.ts'
import { TARGETS, type TargetName } from '../stage/targets.ts'

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
  latencyUs: Quantiles
  /** Processor time per operation, in microseconds. */
  cpu: CpuSample
  /** Bytes of one reply or frame. */
  bytes: number
  /** Undefined when every check held; else what did not. */
  fault: string | undefined
}

/** One row of the result: the same work on both servers, in alternation. */
export type Comparison = {
  id: string
  title: string
  unit: string
  /** The least ratio that is asked for; null where none is. */
  aim: number | null
  rounds: Record<TargetName, Sample>[]
}

/** Latency of one server at a rate that was set. */
export type LatencyRow = { title: string; target: TargetName; load: string; ratePerS: number; sample: Sample }

export type Scenario = (bench: Bench) => Promise<{ comparisons: Comparison[]; latencies: LatencyRow[] }>

/** Runs a phase on one server, then on the other, and so on: what the machine does meanwhile meets both. */
export async function alternate(
  bench: Bench,
  about: Omit<Comparison, 'rounds'>,
  phase: (stage: Stage) => Promise<Sample>,
): Promise<Comparison> {
  const rounds: Record<TargetName, Sample>[] = []
  for (let round = 0; round < bench.rounds; round++) {
    const samples: Partial<Record<TargetName, Sample>> = {}
    for (const name of TARGETS) samples[name] = await runPhase(bench, { stage: bench.stages[name], about, phase })
    const { baseline, parlance } = samples
    if (baseline && parlance) rounds.push({ baseline, parlance })
  }
  return { ...about, rounds }
}

type Phase = { stage: Stage; about: { title: string; unit: string }; phase: (stage: Stage) => Promise<Sample> }

export async function runPhase(bench: Bench, { stage, about, phase }: Phase): Promise<Sample> {
  await bench.database.settle()
  const sample = await phase(stage)
  const rate = Math.round(sample.perSecond).toLocaleString('en')
  const { serverUs, databaseUs } = sample.cpu
  const cpu = `server ${serverUs.toFixed(1)} µs, database ${databaseUs.toFixed(1)} µs each`
  const fault = sample.fault === undefined ? '' : `  NOT RIGHT: ${sample.fault}`
  bench.log(`${about.title}, ${stage.target.name}: ${rate} ${about.unit}, ${cpu}${fault}`)
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
