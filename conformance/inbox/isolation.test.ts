// biome-ignore-all lint/suspicious/noExplicitAny: answers are what a test looks into, whatever they are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, call } from '../harness/client.ts'
import { eventually } from '../harness/eventually.ts'
import { listDescribedRoutes, type Route } from '../harness/routes.ts'
import { startWithCarriers, WHATSAPP_FROM } from './carriers.ts'
import { addMember, type Caller, data, makePerson, makeWorkspace } from './team.ts'

// Every route of the description is called with the ids of another workspace, in every place that takes one. A route
// with a parameter that stands in neither of these tables fails the test: say here what it is.

type Tenant = {
  owner: Caller
  guest: Caller
  workspace: string
  conversation: string
  contact: string
  word: string
} & {
  /** Undefined where the workspace has no number to send from. */
  scheduled?: string
  action: string
}

/** What names something of somebody's: never to be reached with another's. */
const NAMES: Record<string, (tenant: Tenant) => unknown> = {
  conversationId: ({ conversation }) => conversation,
  contactId: ({ contact }) => contact,
  ownerId: ({ owner }) => owner.id,
  followers: ({ owner }) => [owner.id],
  userId: ({ owner }) => owner.id,
  assignedTo: ({ owner }) => owner.id,
  messageId: ({ scheduled }) => scheduled ?? NOBODYS,
  manualActionId: ({ action }) => action,
}

const NOBODYS = '01900000-0000-7000-8000-000000000000'

let made = 0

/** What a request needs beside; undefined is left out. */
const OTHERS: Record<string, (tenant: Tenant) => unknown> = {
  ...{ page: () => 1, pageSize: () => 100, search: () => 'word', q: () => 'word', exclude: () => undefined },
  ...{ filter: () => 'all', sort: () => 'latest', channel: () => 'SMS', role: () => undefined },
  ...{ before: () => undefined, after: () => undefined, isStarred: () => true, unreadCount: () => 0 },
  ...{ email: () => `new-${++made}@example.com`, phone: () => `+1415555${1000 + ++made}`, isPrimary: () => true },
  ...{ tag: ({ word }) => word, tags: ({ word }) => [word], dnd: () => true, dndAll: () => true },
  ...{ fullName: () => 'New', username: () => undefined, profile: () => undefined, title: () => undefined },
  ...{ contact: () => undefined, message: () => 'Hello', subject: () => 'Hello', body: () => 'Hello' },
  // Those of others are passed over: updates.test.ts shows it.
  ...{ lastUpdate: () => undefined, conversationIds: () => undefined },
  ...{ to: () => undefined, from: () => undefined, fromName: () => undefined, fromEmail: () => undefined },
  ...{
    cc: () => undefined,
    bcc: () => undefined,
    attachments: () => undefined,
    scheduledAt: () => new Date(Date.now() + 3_600_000).toISOString(),
  },
  ...{ action: ({ word }) => `call ${word}`, status: () => undefined },
}

const { server, twilio } = await startWithCarriers()
const { url } = server
/** In the first workspace, which has the numbers. */
const first = await makeTenant('ada')

test('no route reaches, shows or changes what is of another workspace', async () => {
  const routes = await listDescribedRoutes(url, 'inbox')
  assert.ok(routes.length > 15)
  const victim = first
  const attacker = await makeTenant('mallory')
  const eve = await makePerson(url, 'eve')
  const before = await look(victim)
  for (const route of routes) {
    for (const foreign of variants(route)) {
      const answer = await ask(route, attacker, (name) => (foreign.has(name) ? victim : attacker))
      requireRefusal(answer, `${route.name} with another's ${[...foreign]}`)
      if (foreign.has('conversationId')) assert.equal(answer.body.error.code, 'conversation_not_found', route.name)
      requireNothingShown(answer, victim, route.name)
    }
    for (const caller of [attacker.owner.within(victim.workspace), eve, eve.within(victim.workspace)]) {
      const answer = await ask(route, { ...victim, owner: caller }, () => victim)
      requireRefusal(answer, `${route.name} by a stranger`)
      requireNothingShown(answer, victim, route.name)
    }
    const guest = await ask(route, { ...victim, owner: victim.guest }, () => victim)
    assert.deepEqual([guest.status, guest.body.error.code], [403, 'permission_denied'], route.name)
    requireNothingShown(guest, victim, route.name)
  }
  assert.deepEqual(await look(victim), before)
})

// Without this a probe that is refused for another reason would prove nothing.
test('the same requests work with one’s own ids, and show nothing of others', async () => {
  const victim = await makeTenant('mallory')
  const { owner, guest, workspace } = first
  for (const route of await listDescribedRoutes(url, 'inbox')) {
    const own = await fillTenant({ owner, guest, workspace })
    const answer = await ask(route, own, () => own)
    assert.ok(answer.status < 300, `${route.name}: ${answer.status} ${JSON.stringify(answer.body)}`)
    requireNothingShown(answer, victim, route.name)
  }
})

test('every route asks for a sign-in before it looks at anything', async () => {
  const victim = await makeTenant('ada')
  const nobody = { ...victim, owner: { ...victim.owner, token: 'nonsense' } }
  for (const route of await listDescribedRoutes(url, 'inbox')) {
    assert.equal((await ask(route, nobody, () => victim)).status, 401, route.name)
  }
})

async function makeTenant(name: string): Promise<Tenant> {
  const [owner, guest] = [await makePerson(url, name), await makePerson(url, `${name}s-guest`)]
  const workspace = await makeWorkspace(url, owner, name)
  await addMember(url, guest, { owner, workspace, role: 'guest' })
  return fillTenant({ owner, guest, workspace })
}

/** One of everything, new, for the same people. */
async function fillTenant(people: Pick<Tenant, 'owner' | 'guest' | 'workspace'>): Promise<Tenant> {
  const { owner } = people
  const word = `word-${people.owner.username}-${++made}`
  const contact = { fullName: word, email: `${word}@example.com`, phone: `+1415555${1000 + made}`, tags: [word] }
  const { id, contactId } = await data(201, owner.post('/conversations', { contact }))
  await data(201, owner.post(`/conversations/${id}/contact/followers`, { userId: owner.id }))
  const later = { channel: 'SMS', message: word, scheduledAt: new Date(Date.now() + 3_600_000).toISOString() }
  const scheduled = await owner.post(`/conversations/${id}/messages/schedule`, later)
  const written = { conversationId: id, action: `call ${word}` }
  const { id: action } = await data(201, owner.post('/conversations/manual-actions', written))
  const own = { ...people, conversation: id, contact: contactId, word, action }
  if (scheduled.status !== 201) return own
  // WhatsApp takes free text only after that.
  await twilio.receive({ from: `whatsapp:${contact.phone}`, to: `whatsapp:${WHATSAPP_FROM}`, body: word })
  await eventually(async () => assert.equal((await data(200, owner.get(`/conversations/${id}`))).unreadCount, 1))
  return { ...own, scheduled: scheduled.body.data.id }
}

function namesOf({ name, parameters }: Route): string[] {
  const all = [...new Set(Object.values(parameters).flat())]
  const unknown = all.filter((parameter) => !(parameter in NAMES) && !(parameter in OTHERS))
  assert.deepEqual(unknown, [], `${name} has parameters without a rule`)
  return all.filter((parameter) => parameter in NAMES)
}

/** All names of another, and each by itself among one's own. */
function variants(route: Route): Set<string>[] {
  const names = namesOf(route)
  const single = names.map((name) => new Set([name]))
  return names.length > 1 ? [new Set(names), ...single] : single
}

function ask({ method, path, parameters }: Route, caller: Tenant, pick: (name: string) => Tenant): Promise<Answer> {
  const argument = (name: string) => (name in NAMES ? NAMES[name]!(pick(name)) : OTHERS[name]!(pick(name)))
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(argument(name))))
  const query = new URLSearchParams()
  for (const name of parameters.query) {
    const value = argument(name)
    if (value !== undefined) query.set(name, String(value))
  }
  const body = Object.fromEntries(parameters.body.map((name) => [name, argument(name)]))
  const options = { token: caller.owner.token, headers: caller.owner.headers }
  const hasBody = parameters.body.length > 0
  return call(url, method, `${filled}?${query}`, { ...options, ...(hasBody && { body }) })
}

function requireRefusal({ status, body }: Answer, what: string) {
  // 403 and 409 would say that there is something.
  assert.ok(status === 404 || status === 422, `${what}: ${status} ${JSON.stringify(body)}`)
}

function requireNothingShown({ body }: Answer, { owner, guest, ...rest }: Tenant, what: string) {
  const text = JSON.stringify(body ?? '')
  for (const secret of [...Object.values(rest), owner.id, owner.email, guest.id, guest.email]) {
    assert.ok(!text.includes(secret), `${what} shows ${secret}: ${text}`)
  }
}

/** All that the owner sees of it. */
async function look({ owner, conversation }: Tenant): Promise<any[]> {
  const own = `/conversations/${conversation}`
  const paths = ['/conversations', own, `${own}/messages`, `${own}/contact`, '/contacts', '/users']
  return Promise.all(paths.map((path) => data(200, owner.get(path))))
}
