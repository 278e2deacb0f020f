import { generateLoad } from '../load/generate-load.ts'
import { HttpConnection } from '../load/http-connection.ts'
import { composeText } from '../load/ledger.ts'
import { encodeSend } from '../load/team-chat.ts'
import { inParallel, type Person, type Stage } from '../stage/stage.ts'
import type { TargetName } from '../stage/targets.ts'
import {
  alternate,
  type Bench,
  bothServers,
  type Comparison,
  cpuProcesses,
  type Sample,
  type Scenario,
} from './bench.ts'

const CHANNELS = 10
const MESSAGES_EACH = 2_000
const READERS = 32

type Channels = { id: string; token: string }[]

const PAGES = [
  { id: 'history-latest', title: 'History, the latest 50', aim: { ratioMin: 4 }, which: 'latest' as const },
  { id: 'history-older', title: 'History, older pages of 50', aim: { ratioMin: 1.5 }, which: 'older' as const },
]

/** Pages of 50 messages, read by 32 connections from ten channels with 2,000 messages each. */
export const history: Scenario = async (bench) => {
  const filled: Record<TargetName, Channels> = {
    baseline: await fillChannels(bench.stages.baseline),
    parlance: await fillChannels(bench.stages.parlance),
  }
  const comparisons: Comparison[] = []
  for (const { which, ...about } of PAGES) {
    const phase = (stage: Stage) => readPages(bench, stage, { which, channels: filled[stage.target.name] })
    comparisons.push(await alternate(bench, { ...about, unit: 'pages/s' }, bothServers(bench, phase)))
  }
  return { comparisons, latencies: [] }
}

async function fillChannels(stage: Stage): Promise<Channels> {
  const people = await stage.people(CHANNELS)
  return inParallel(people, async (person) => {
    const id = await stage.channel([person])
    await fillChannel(stage.target.port, { id, person })
    return { id, token: person.token }
  })
}

/** One message after the other, so that the history's order is that of the numbers. */
async function fillChannel(port: number, { id, person }: { id: string; person: Person }): Promise<void> {
  const connection = await HttpConnection.open(port)
  for (let number = 0; number < MESSAGES_EACH; number++) {
    const { promise, resolve } = Promise.withResolvers<number>()
    connection.request(encodeSend(id, person.token, number), resolve)
    const status = await promise
    if (status !== 201) throw new Error(`"${composeText(number)}" was answered with ${status}.`)
  }
  connection.close()
}

type Reading = { which: 'latest' | 'older'; channels: Channels }

async function readPages(bench: Bench, stage: Stage, { which, channels }: Reading): Promise<Sample> {
  // Tokens are renewed in the course of a long run.
  const people = await stage.people(CHANNELS)
  const { measured, pageBytes, wrongPages } = await generateLoad({
    kind: 'pages',
    port: stage.target.port,
    cpu: cpuProcesses(bench, stage),
    pace: { lanes: READERS, warmUpMs: bench.warmUpMs, measureMs: bench.measureMs },
    which,
    channels: channels.map(({ id }, i) => ({ id, token: people[i]!.token })),
  })
  const { perSecond, latencyUs, cpu, failures } = measured
  const fault = wrongPages > 0 ? `${wrongPages} wrong pages` : failures > 0 ? `${failures} requests failed` : undefined
  return { perSecond, latencyUs, cpu, bytes: pageBytes, fault }
}
