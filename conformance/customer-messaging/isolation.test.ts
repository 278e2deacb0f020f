import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Answer } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'
import { listDescribedRoutes, type Route, spelled } from '../harness/routes.ts'
import { startTestServer } from '../harness/test-server.ts'
import { bare, type Company, makeChannel, makeCompany, makeCustomer, say, walk } from './company.ts'

// Every route of the description is called with the ids of another client, in every place that takes one, and must
// answer as it does for ids that nobody has. A route with a parameter that stands in neither of these tables fails the
// test: say here what it is.

/** What one client has. */
type Things = {
  client: string
  carol: { id: string; email: string }
  dan: { id: string; email: string }
  channel: { id: string }
  message: { id: string }
  event: { id: string }
  endpoint: { id: string }
  delivery: { id: string }
}

type Pick = (things: Things, route: Route) => unknown

/** What names something of a client's: never to be reached with another's. */
const NAMES: Record<string, Pick> = {
  client_uuid: ({ client }) => client,
  customer_uuid: ({ carol }) => carol.id,
  customer1_uuid: ({ carol }) => carol.id,
  customer2_uuid: ({ dan }) => dan.id,
  customer_uuids: ({ carol, dan }) => [carol.id, dan.id],
  channel_uuid: ({ channel }) => channel.id,
  channels: ({ channel }) => [channel.id],
  sender_uuid: ({ carol }) => carol.id,
  email: ({ carol }) => carol.email,
  email1: ({ carol }) => carol.email,
  email2: ({ dan }) => dan.email,
  sender_email: ({ carol }) => carol.email,
  recipient_email: ({ dan }) => dan.email,
  starting_after: (things, route) => cursorOf(things, route),
  ending_before: (things, route) => cursorOf(things, route),
  id: ({ event, endpoint }, { path }) => (path.startsWith('/api/v1/events') ? event.id : endpoint.id),
  delivery_id: ({ delivery }) => delivery.id,
}

let made = 0
/** Nobody listens there. */
const HOOK = 'http://127.0.0.1:9/hook'

const OTHERS: Record<string, () => unknown> = {
  ...{ name: () => `n${++made}`, metadata: () => ({}), type: () => undefined, message_type: () => undefined },
  ...{ content: () => 'x', limit: () => 100, url: () => HOOK, description: () => 'changed', enabled: () => undefined },
  ...{ event_types: () => ['message.sent'], status: () => undefined, since: () => 1, ttl: () => undefined },
}

/** Here an email is the customer's to be, whoever else has the same. */
const isOwnEmail = ({ name, path }: Route) => /^(POST|PUT|PATCH) /.test(name) && path.startsWith('/api/v1/customers')

const FIXED: Record<string, Record<string, unknown>> = { 'POST /api/v1/channels': { type: 'custom' } }

function cursorOf({ carol, dan, channel, message, event, delivery }: Things, { path }: Route): string {
  if (path.startsWith('/api/v1/events')) return event.id
  if (path.includes('/deliveries')) return delivery.id
  if (/for-sender|by-email/.test(path)) return dan.id
  if (path.startsWith('/api/v1/customers')) return carol.id
  return path.startsWith('/api/v1/channels') ? channel.id : message.id
}

const server = await startTestServer({ PARLANCE_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' })
const described = await listDescribedRoutes(server.url, 'customer-messaging')
const routes = described.flatMap((route) =>
  route.method === 'PUT' ? [route, spelled(route, 'PATCH', route.path)] : [route],
)

async function makeThings(company: Company): Promise<Things> {
  const [carol, dan] = [await makeCustomer(company), await makeCustomer(company, 'Dan')]
  const channel = await makeChannel(company, [carol, dan], 'Project')
  const message = await say(company, channel, carol, `word of ${carol.email}`)
  const endpoint = await ok(201, company.post('/client/webhooks', { url: HOOK }))
  const delivery = await ok(202, company.post(`/client/webhooks/${endpoint.id}/test`))
  const event = (await ok(200, company.get('/events?limit=1'))).data[0]
  return { client: company.id, carol, dan, channel, message, event, endpoint, delivery }
}

const NOBODY: Things = {
  client: randomUUID(),
  carol: { id: `cust_${randomUUID()}`, email: 'nobody-1@example.com' },
  dan: { id: `cust_${randomUUID()}`, email: 'nobody-2@example.com' },
  channel: { id: `ch_${randomUUID()}` },
  message: { id: `msg_${randomUUID()}` },
  event: { id: `evt_${randomUUID()}` },
  endpoint: { id: `we_${randomUUID()}` },
  delivery: { id: `whd_${randomUUID()}` },
}

test('a second client reaches nothing with the first one’s ids, prefixed and bare, and gets no hint', async () => {
  const [victim, attacker] = [(await makeCompany(server)).live, (await makeCompany(server)).live]
  const theirs = await makeThings(victim)
  const mine = await makeThings(attacker)
  const before = await look(victim)
  let asked = 0
  for (const route of routes) {
    for (const foreign of variants(route)) {
      for (const spell of [(id: string) => id, bare]) {
        const probe = (things: Things) =>
          ask(attacker, route, { pick: (name) => (foreign.has(name) ? things : mine), spell, about: foreign })
        const [answer, control] = [await probe(theirs), await probe(NOBODY)]
        const what = `${route.name} with another's ${[...foreign]}: ${answer.status} ${JSON.stringify(answer.body)}`
        assert.deepEqual([answer.status, answer.body], [control.status, control.body], what)
        const isEmpty = answer.status === 200 && answer.body.total_count === 0
        assert.ok(answer.status === 404 || answer.status === 422 || isEmpty, what)
        asked++
      }
    }
  }
  assert.ok(asked > 50)
  assert.deepEqual(await look(victim), before)
})

// Without this a probe that is refused for another reason would prove nothing.
test('the same requests work with one’s own ids', async () => {
  const { live } = await makeCompany(server)
  for (const route of routes) {
    const own = await makeThings(live)
    const answer = await ask(live, route, { pick: () => own, spell: (id) => id })
    // A client has so many endpoints at most.
    await live.delete(`/client/webhooks/${own.endpoint.id}`)
    // What is still on its way is not sent again.
    if (route.name.endsWith('/deliveries/{delivery_id}/replay')) assert.equal(answer.status, 409)
    else assert.ok(answer.status < 300, `${route.name}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
})

test('every route asks for a client before it looks at anything', async () => {
  const { live } = await makeCompany(server)
  const own = await makeThings(live)
  const { token, publicKey } = (await makeCompany(server)).live
  for (const route of routes) {
    const stranger = { token: 'nonsense', headers: { 'x-public-key': publicKey } }
    const strangers = [
      { token, headers: { 'x-public-key': live.publicKey } },
      stranger,
      { token: undefined, headers: {} },
    ]
    for (const keys of strangers) {
      for (const things of [own, NOBODY]) {
        const answer = await ask(live, route, { pick: () => things, spell: (id) => id }, keys)
        assert.equal(answer.status, 401, route.name)
      }
    }
  }
})

function variants(route: Route): Set<string>[] {
  const names = namesOf(route).filter((name) => !(name === 'email' && isOwnEmail(route)))
  const single = names.map((name) => new Set([name]))
  return names.length > 1 ? [new Set(names), ...single] : single
}

function namesOf({ name, parameters }: Route): string[] {
  const all = [...new Set(Object.values(parameters).flat())]
  const unknown = all.filter((parameter) => !(parameter in NAMES) && !(parameter in OTHERS))
  assert.deepEqual(unknown, [], `${name} has parameters without a rule`)
  return all.filter((parameter) => parameter in NAMES)
}

type Asking = { pick: (name: string) => Things; spell: (id: string) => string; about?: Set<string> }

/** Each of these stands in the way of the other: a request has the first, unless the second is what it is about. */
const EITHER_OR: [string, string][] = [
  ['starting_after', 'ending_before'],
  ['customer_uuids', 'customer1_uuid'],
  ['customer_uuids', 'customer2_uuid'],
]

function leftOut(foreign: Set<string>): Set<string> {
  const seconds = EITHER_OR.filter(([first, second]) => foreign.has(second) && !foreign.has(first))
  if (seconds.length > 0) return new Set(seconds.map(([first]) => first))
  return new Set(EITHER_OR.map(([, second]) => second))
}

function ask(
  company: Company,
  route: Route,
  { pick, spell, about = new Set() }: Asking,
  options = {},
): Promise<Answer> {
  const left = leftOut(about)
  const argument = (name: string): unknown => {
    const fixed = FIXED[route.name]?.[name]
    if (fixed !== undefined) return fixed
    if (name === 'email' && isOwnEmail(route)) return `own-${++made}@example.com`
    const value = NAMES[name]?.(pick(name), route) ?? OTHERS[name]?.()
    if (Array.isArray(value)) return value.map(spell)
    return typeof value === 'string' && /(^|_)(id|uuid|after|before)$/.test(name) && value.includes('_')
      ? spell(value)
      : value
  }
  const path = route.path
    .replace('/api/v1', '')
    .replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(argument(name))))
  const query = new URLSearchParams()
  for (const name of route.parameters.query) {
    const value = left.has(name) ? undefined : argument(name)
    if (value !== undefined) query.set(name, String(value))
  }
  const names = route.parameters.body.filter((name) => !left.has(name))
  const body = names.length > 0 ? Object.fromEntries(names.map((name) => [name, argument(name)])) : undefined
  const method = route.method.toLowerCase() as 'get' | 'post'
  const at = `${path}?${query}`
  return method === 'get' ? company.get(at, options) : company[method](at, body, options)
}

/** All that a client sees. */
async function look(company: Company) {
  const channels = await walk(company.get, '/channels', { limit: 50 })
  const histories = []
  for (const { id } of channels) histories.push((await ok(200, company.get(`/messages/channel/${id}`))).data)
  const endpoints = (await ok(200, company.get('/client/webhooks'))).data
  return { endpoints, channels, histories, customers: await walk(company.get, '/customers', { limit: 50 }) }
}
