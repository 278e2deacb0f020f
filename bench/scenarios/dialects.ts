import type { AuthenticationsTask } from '../load/authentications.ts'
import type { Sender } from '../load/dialect.ts'
import { generateLoad } from '../load/generate-load.ts'
import type { DialectName } from '../load/sends.ts'
import { catchUp } from '../stage/catch-up.ts'
import { Company } from '../stage/company.ts'
import { inParallel } from '../stage/stage.ts'
import {
  type Aim,
  alternate,
  type Bench,
  type Comparison,
  type Sample,
  type Scenario,
  type Side,
  type SideName,
} from './bench.ts'
import { everyNth, makeSenders, type Room, sendForAWhile } from './send-phase.ts'

const SENDERS = 256
/** The most customers that one channel takes. */
const CHANNEL_CUSTOMERS_MAX = 5

type Row = Room & { id: string; title: string; aim: Aim }

const SENDS: Row[] = [
  { id: 'dialects-one-channel', title: 'Sends, one channel', channels: 1, people: SENDERS, aim: { ratioMin: 0.85 } },
  {
    id: 'dialects-1000-channels',
    title: 'Sends, 1,000 channels',
    channels: 1_000,
    people: SENDERS,
    aim: { ratioMin: 0.85 },
  },
]

/** Customer messaging beside team chat, on the same server; and what it costs to know who calls. */
export const dialects: Scenario = async (bench) => {
  const company = await Company.found(bench.stages.parlance.target)
  const comparisons: Comparison[] = []
  for (const row of SENDS) comparisons.push(await compareSends(bench, company, row))
  comparisons.push(await compareAuthentication(bench, company))
  return { comparisons, latencies: [] }
}

async function compareSends(bench: Bench, company: Company, { channels, people, ...about }: Row): Promise<Comparison> {
  const stage = bench.stages.parlance
  const room = { channels, people }
  const lanes = SENDERS
  const send = async (dialect: DialectName, senders: Sender[]) => {
    // What follows the log would else take in the last phase's messages at the cost of this one.
    await catchUp(stage.target.databaseUrl)
    return sendForAWhile(bench, stage, { dialect, senders, lanes })
  }
  const sides: Record<SideName, Side> = {
    reference: { name: 'team chat', run: async () => send('team-chat', await makeSenders(stage, room)) },
    measured: {
      name: 'customer messaging',
      run: async () => send('customer-messaging', await makeCustomers(company, room)),
    },
  }
  // Once each without counting: `sends` may have warmed up the one, and nothing the other.
  for (const { run } of Object.values(sides)) await run()
  return alternate(bench, { ...about, unit: 'sends/s' }, sides)
}

/** Fresh channels. One has as many customers as it may, who then send in turn; of many, each has a sender of its own. */
async function makeCustomers(company: Company, { channels, people: count }: Room): Promise<Sender[]> {
  const ids = await company.customers(count)
  if (channels === 1) {
    const members = ids.slice(0, CHANNEL_CUSTOMERS_MAX)
    const channelId = await company.channel(members)
    return members.map((id) => ({ ...company.credentials, id, channelIds: [channelId] }))
  }
  const channelIds = await inParallel([...Array(channels).keys()], (i) => {
    const sender = i % count
    // No two channels of a sender have the same other.
    const other = (sender + 1 + Math.floor(i / count)) % count
    return company.channel([ids[sender]!, ids[other]!])
  })
  return ids.map((id, at) => ({ ...company.credentials, id, channelIds: everyNth(channelIds, count, at) }))
}

function compareAuthentication(bench: Bench, company: Company): Promise<Comparison> {
  const side = (name: string, way: AuthenticationsTask['way']) => ({
    name,
    run: () => authenticate(bench, company, way),
  })
  const about = {
    id: 'dialects-authentication',
    title: 'Authenticating a known client',
    unit: 'calls/s',
    aim: { serverUsMax: 30 },
  }
  return alternate(bench, about, {
    reference: side('a query each', 'queried'),
    measured: side('remembered', 'remembered'),
  })
}

async function authenticate(bench: Bench, company: Company, way: AuthenticationsTask['way']): Promise<Sample> {
  const { perSecond, cpu, failures } = await generateLoad({
    kind: 'authentications',
    databaseUrl: bench.stages.parlance.target.databaseUrl,
    postmasterPid: bench.database.postmasterPid,
    way,
    ...company.credentials,
  })
  const fault = failures > 0 ? `${failures} calls were refused` : undefined
  return { perSecond, cpu, latencyUs: undefined, bytes: undefined, fault }
}
