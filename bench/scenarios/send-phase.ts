import type { Sender } from '../load/dialect.ts'
import { generateLoad } from '../load/generate-load.ts'
import { isKept } from '../load/ledger.ts'
import type { DialectName, SendsResult } from '../load/sends.ts'
import { inParallel, type Stage } from '../stage/stage.ts'
import { type Bench, cpuProcesses, type Sample } from './bench.ts'

export type Room = { channels: number; people: number }
type Sending = { dialect: DialectName; senders: Sender[]; lanes: number; ratePerS?: number }

/** Sends for a while, and reads back what was sent. */
export async function sendForAWhile(bench: Bench, stage: Stage, sending: Sending): Promise<Sample> {
  const { warmUpMs, measureMs } = bench
  const { dialect, senders, lanes, ratePerS } = sending
  const result = await generateLoad({
    kind: 'sends',
    port: stage.target.port,
    cpu: cpuProcesses(bench, stage),
    pace: { lanes, warmUpMs, measureMs, ratePerS },
    dialect,
    senders,
  })
  const { perSecond, latencyUs, cpu } = result.measured
  return { perSecond, latencyUs, cpu, bytes: result.replyBytes, fault: findFault(result) }
}

/** Fresh channels, so that their histories hold this phase and nothing else. With many, each belongs to one sender. */
export async function makeSenders(stage: Stage, { channels, people: count }: Room): Promise<Sender[]> {
  const people = await stage.people(count)
  if (channels === 1) {
    const channelId = await stage.channel(people)
    return people.map(({ id, token }) => ({ id, token, channelIds: [channelId] }))
  }
  const channelIds = await inParallel([...Array(channels).keys()], (i) => stage.channel([people[i % count]!]))
  return people.map(({ id, token }, at) => ({ id, token, channelIds: everyNth(channelIds, count, at) }))
}

/** The share of one of so many. */
export function everyNth<T>(items: T[], count: number, at: number): T[] {
  return items.filter((_, i) => i % count === at)
}

function findFault({ measured, conservation }: SendsResult): string | undefined {
  if (!isKept(conservation)) return JSON.stringify(conservation)
  if (measured.failures > 0) return `${measured.failures} requests failed`
  if (measured.unsent > 0) return `${measured.unsent} requests were due and could not be sent in time`
  return undefined
}
