import type { DeliveriesResult } from '../load/deliveries.ts'
import { isDelivered } from '../load/delivery-ledger.ts'
import { generateLoad } from '../load/generate-load.ts'
import type { Stage } from '../stage/stage.ts'
import {
  alternate,
  type Bench,
  bothServers,
  type Comparison,
  cpuProcesses,
  type Sample,
  type Scenario,
} from './bench.ts'

const SENDERS = 64
const SUBSCRIBERS = 1_000

const WINDOWS = [
  { id: 'deliveries-load', title: 'Deliveries to 1,000 subscribers, at load', aim: { ratioMin: 6 }, window: 64 },
  {
    id: 'deliveries-single',
    title: 'Deliveries to 1,000 subscribers, one message at a time',
    aim: { ratioMin: 1.2 },
    window: 1,
  },
]

/** Messages to a channel that a thousand open sockets follow; the next is sent when enough of the others have come. */
export const deliveries: Scenario = async (bench) => {
  const comparisons: Comparison[] = []
  for (const { window, ...about } of WINDOWS) {
    const phase = (stage: Stage) => deliver(bench, stage, window)
    comparisons.push(await alternate(bench, { ...about, unit: 'deliveries/s' }, bothServers(bench, phase)))
  }
  return { comparisons, latencies: [] }
}

async function deliver(bench: Bench, stage: Stage, window: number): Promise<Sample> {
  const people = await stage.people(SENDERS + SUBSCRIBERS)
  const result = await generateLoad({
    kind: 'deliveries',
    port: stage.target.port,
    cpu: cpuProcesses(bench, stage),
    channelId: await stage.sharedChannel(people),
    senderTokens: people.slice(0, SENDERS).map((person) => person.token),
    subscriberTokens: people.slice(SENDERS).map((person) => person.token),
    window,
    warmUpMs: bench.warmUpMs,
    measureMs: bench.measureMs,
  })
  const { deliveriesPerS, latencyUs, cpu, frameBytes } = result
  return { perSecond: deliveriesPerS, latencyUs, cpu, bytes: frameBytes, fault: findFault(result, stage) }
}

function findFault({ conservation, failures }: DeliveriesResult, stage: Stage): string | undefined {
  if (!isDelivered(conservation)) return JSON.stringify(conservation)
  if (failures > 0) return `${failures} requests failed`
  const isOrdered = stage.target.name === 'parlance'
  return isOrdered && conservation.orders > 1 ? 'the subscribers saw different orders' : undefined
}
