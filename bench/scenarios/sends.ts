import type { Stage } from '../stage/stage.ts'
import { TARGETS } from '../stage/targets.ts'
import {
  type Aim,
  alternate,
  type Bench,
  bothServers,
  type Comparison,
  type LatencyRow,
  median,
  runPhase,
  type Sample,
  type Scenario,
} from './bench.ts'
import { makeSenders, type Room, sendForAWhile } from './send-phase.ts'

type Place = Room & { title: string }
type Load = { place: Place; ratePerS?: number }

// Enough that neither server waits for its clients. With fewer, one round trip after the other is what is measured.
const PEOPLE = 256
const FEW_PEOPLE = 64
// An open loop has more connections than a closed one, so that they are not what limits it.
const OPEN_LANES = 512
const AIM: Aim = { ratioMin: 5 }
const UNIT = 'sends/s'

type Row = Place & { id: string; aim: Aim | null }

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
  const about = { id, title: place.title, unit: UNIT, aim }
  return alternate(
    bench,
    about,
    bothServers(bench, (stage) => send(bench, stage, { place })),
  )
}

async function measureLatencies(bench: Bench, place: Place, { rounds }: Comparison): Promise<LatencyRow[]> {
  const most = {
    baseline: median(rounds.map((round) => round.reference.perSecond)),
    parlance: median(rounds.map((round) => round.measured.perSecond)),
  }
  const rows: LatencyRow[] = []
  for (const name of TARGETS) {
    const loads = [
      { load: '50 % of its most', ratePerS: most[name] * 0.5 },
      { load: '80 % of its most', ratePerS: most[name] * 0.8 },
      ...(name === 'parlance' ? [{ load: "80 % of the baseline's most", ratePerS: most.baseline * 0.8 }] : []),
    ]
    for (const { load, ratePerS } of loads) {
      const run = () => send(bench, bench.stages[name], { place, ratePerS })
      const about = { title: `${place.title}, open loop at ${load}`, unit: UNIT }
      const sample = await runPhase(bench, about, { name, run })
      rows.push({ title: place.title, target: name, load, ratePerS, sample })
    }
  }
  return rows
}

async function send(bench: Bench, stage: Stage, { place, ratePerS }: Load): Promise<Sample> {
  const lanes = ratePerS === undefined ? place.people : OPEN_LANES
  const senders = await makeSenders(stage, place)
  return sendForAWhile(bench, stage, { dialect: 'team-chat', senders, lanes, ratePerS })
}
