import { generateLoad } from '../load/generate-load.ts'
import { isKept } from '../load/ledger.ts'
import type { SendsResult, SendsTask } from '../load/sends.ts'
import { inParallel, type Stage } from '../stage/stage.ts'
import { TARGETS } from '../stage/targets.ts'
import {
  alternate,
  type Bench,
  type Comparison,
  cpuProcesses,
  type LatencyRow,
  median,
  runPhase,
  type Sample,
  type Scenario,
} from './bench.ts'

type Place = { title: string; channels: number; people: number }
type Load = { place: Place; ratePerS?: number }

// Enough that neither server waits for its clients. With fewer, one round trip after the other is what is measured.
const PEOPLE = 256
const FEW_PEOPLE = 64
// An open loop has more connections than a closed one, so that they are not what limits it.
const OPEN_LANES = 512
const AIM = 5
const UNIT = 'sends/s'

type Row = Place & { id: string; aim: number | null }

const MOST: Row[] = [
  { id: 'sends-one-channel', title: 'Sends, one channel', channels: 1, people: PEOPLE, aim: AIM },
  { id: 'sends-1000-channels', title: 'Sends, 1,000 channels', channels: 1_000, people: PEOPLE, aim: AIM },
]
const FEW: Row = { id: 'sends-64', title: 'Sends, one channel, 64 people', channels: 1, people: FEW_PEOPLE, aim: null }

/** Messages sent over HTTP by many people: the most per second, then latency at rates below that. */
export const sends: Scenario = async (bench) => {
  const comparisons: Comparison[] = []
  const latencies: LatencyRow[] = []
  for (const row of MOST) {
    const comparison = await compare(bench, row)
    comparisons.push(comparison)
    latencies.push(...(await measureLatencies(bench, row, comparison)))
  }
  comparisons.push(await compare(bench, FEW))
  return { comparisons, latencies }
}

function compare(bench: Bench, { id, aim, ...place }: Row): Promise<Comparison> {
  return alternate(bench, { id, title: place.title, unit: UNIT, aim }, (stage) => send(bench, stage, { place }))
}

async function measureLatencies(bench: Bench, place: Place, { rounds }: Comparison): Promise<LatencyRow[]> {
  const most = {
    baseline: median(rounds.map((round) => round.baseline.perSecond)),
    parlance: median(rounds.map((round) => round.parlance.perSecond)),
  }
  const rows: LatencyRow[] = []
  for (const name of TARGETS) {
    const loads = [
      { load: '50 % of its most', ratePerS: most[name] * 0.5 },
      { load: '80 % of its most', ratePerS: most[name] * 0.8 },
      ...(name === 'parlance' ? [{ load: "80 % of the baseline's most", ratePerS: most.baseline * 0.8 }] : []),
    ]
    for (const { load, ratePerS } of loads) {
      const stage = bench.stages[name]
      const phase = () => send(bench, stage, { place, ratePerS })
      const about = { title: `${place.title}, open loop at ${load}`, unit: UNIT }
      rows.push({
        title: place.title,
        target: name,
        load,
        ratePerS,
        sample: await runPhase(bench, { stage, about, phase }),
      })
    }
  }
  return rows
}

async function send(bench: Bench, stage: Stage, { place, ratePerS }: Load): Promise<Sample> {
  const { warmUpMs, measureMs } = bench
  const lanes = ratePerS === undefined ? place.people : OPEN_LANES
  const task: SendsTask = {
    kind: 'sends',
    port: stage.target.port,
    cpu: cpuProcesses(bench, stage),
    pace: { lanes, warmUpMs, measureMs, ratePerS },
    senders: await makeSenders(stage, place),
  }
  const result = await generateLoad(task)
  const { perSecond, latencyUs, cpu } = result.measured
  return { perSecond, latencyUs, cpu, bytes: result.replyBytes, fault: findFault(result) }
}

/** Fresh channels, so that their histories hold this phase and nothing else. With many, each belongs to one sender. */
async function makeSenders(stage: Stage, { channels, people: count }: Place): Promise<SendsTask['senders']> {
  const people = await stage.people(count)
  if (channels === 1) {
    const id = await stage.channel(people)
    return people.map(({ token }) => ({ token, channelIds: [id] }))
  }
  const ids = await inParallel([...Array(channels).keys()], (i) => stage.channel([people[i % count]!]))
  return people.map(({ token }, at) => ({ token, channelIds: ids.filter((_, i) => i % count === at) }))
}

function findFault({ measured, conservation }: SendsResult): string | undefined {
  if (!isKept(conservation)) return JSON.stringify(conservation)
  if (measured.failures > 0) return `${measured.failures} requests failed`
  if (measured.unsent > 0) return `${measured.unsent} requests were due and could not be sent in time`
  return undefined
}
