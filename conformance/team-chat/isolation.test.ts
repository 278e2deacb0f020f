import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, call } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'
import type { Route } from '../harness/routes.ts'
import { startTestServer } from '../harness/test-server.ts'
import { listRoutes } from './routes.ts'
import { type Caller, makePerson } from './team.ts'
import { fillTenant, makeTenant, type Tenant } from './tenant.ts'

// Every route of the description is called with the ids of another tenant, in every place that takes one. A route with
// a parameter that stands in neither of these tables fails the test: say here what it is.

/** What names something of somebody's: never to be reached with another's. */
const NAMES: Record<string, (tenant: Tenant, route: Route) => unknown> = {
  workspace_id: ({ workspace }) => workspace,
  channel_id: ({ channel }) => channel,
  message_id: ({ message }) => message,
  parent_message_id: ({ message, note }, { path }) => (path.startsWith('/dms') ? note : message),
  around: ({ message, note }, { path }) => (path.startsWith('/dms') ? note : message),
  notification_id: ({ notification }) => notification,
  reaction: ({ reaction }) => reaction,
  reaction_id: ({ reaction }) => reaction,
  user_id: ({ owner }) => owner.id,
  member_ids: ({ owner }) => [owner.id],
  id: ({ file }) => file,
  attachments: ({ file }) => [file],
}

let made = 0

/** What a request needs beside; undefined is left out. */
const OTHERS: Record<string, (caller: Caller) => unknown> = {
  ...{ username: () => undefined, email: () => undefined },
  ...{ password: () => undefined, current_password: () => undefined, name: () => `n${++made}` },
  ...{ refresh_token: ({ refreshToken }) => refreshToken, role: () => 'member', domain: () => undefined },
  ...{ description: () => 'changed', is_private: () => false, body: () => 'changed', client_id: () => undefined },
  ...{ reaction_content: () => '🦊', revision: () => undefined, status: () => 'busy', text: () => 'changed' },
  ...{ expires_at: () => undefined, limit: () => 100, cursor: () => undefined, order: () => undefined },
  ...{ include_replies: () => true, member_only: () => undefined, q: () => 'of', filter: () => 'all' },
  ...{ type: () => undefined, file_name: () => 'a.txt', file_type: () => 'text/plain', file_size: () => 2 },
  ...{ size: () => undefined, expires: () => undefined, signature: () => undefined },
}

/** Left out of these routes' requests, where they would be in the way of another parameter. */
const LEFT_OUT: Record<string, string[]> = {
  'GET /workspaces/{workspace_id}/members': ['role', 'q'],
  'GET /workspaces/{workspace_id}/channels': ['q'],
}

/** Whoever has an account can be invited: this name alone may be another's. */
const OPEN = new Set(['POST /workspaces/{workspace_id}/members user_id'])

/** Open to whoever has the signed URL, and to nobody else. */
const isSigned = ({ path }: Route) => path.startsWith('/uploads/')

/** They are about a password or a token, not about anybody's objects; accounts.test.ts has them. */
const SESSIONS = new Set(['POST /login', 'POST /refresh', 'POST /logout', 'POST /register'])

const { url } = await startTestServer()

test('no route reaches, shows or changes what is of another tenant', async () => {
  const routes = await listRoutes(url)
  assert.ok(routes.length > 50)
  const victim = await makeTenant(url, 'ada')
  const attacker = await makeTenant(url, 'mallory')
  const eve = await makePerson(url, 'eve')
  const before = await look(victim)
  for (const route of routes.filter(({ name }) => !SESSIONS.has(name))) {
    for (const foreign of variants(route)) {
      const answer = await ask(route, {
        caller: attacker.owner,
        pick: (name) => (foreign.has(name) ? victim : attacker),
      })
      requireRefusal(answer, `${route.name} with another's ${[...foreign]}`, { isSigned: isSigned(route) })
      requireNothingShown(answer, victim, route.name)
    }
    const names = namesOf(route)
    const answer = await ask(route, { caller: eve, pick: () => victim })
    if (names.length > 0)
      requireRefusal(answer, `${route.name} by somebody without a tenant`, { isSigned: isSigned(route) })
    requireNothingShown(answer, victim, route.name)
  }
  assert.deepEqual(await look(victim), before)
})

// Without this a probe that is refused for another reason would prove nothing.
test('the same requests work with one’s own ids, and show nothing of others', async () => {
  const victim = await makeTenant(url, 'ada')
  const people = await makeTenant(url, 'mallory')
  for (const route of (await listRoutes(url)).filter((route) => !SESSIONS.has(route.name) && !isSigned(route))) {
    const own = route.method === 'GET' ? people : await fillTenant(people)
    const answer = await ask(route, { caller: own.owner, pick: () => own })
    const isDone =
      answer.status < 300 || ['already_member', 'already_channel_member', 'last_owner'].includes(answer.body.error.code)
    assert.ok(isDone, `${route.name}: ${answer.status} ${JSON.stringify(answer.body)}`)
    requireNothingShown(answer, victim, route.name)
  }
})

test('every route but the public ones asks for a sign-in before it looks at anything', async () => {
  const victim = await makeTenant(url, 'ada')
  const nobody = { ...victim.owner, token: 'nonsense' }
  const publicOnes = []
  for (const route of await listRoutes(url)) {
    if (route.isPublic) publicOnes.push(route.name)
    else assert.equal((await ask(route, { caller: nobody, pick: () => victim })).status, 401, route.name)
  }
  assert.deepEqual(publicOnes.sort(), [
    'GET /uploads/{id}',
    'HEAD /uploads/{id}',
    'POST /login',
    'POST /refresh',
    'POST /register',
    'PUT /uploads/{id}',
  ])
})

function namesOf({ name, parameters }: Route): string[] {
  const all = [...new Set(Object.values(parameters).flat())]
  const unknown = all.filter((parameter) => !(parameter in NAMES) && !(parameter in OTHERS))
  assert.deepEqual(unknown, [], `${name} has parameters without a rule`)
  return all.filter((parameter) => parameter in NAMES)
}

/** All names of another, and each by itself among one's own. */
function variants(route: Route): Set<string>[] {
  const names = namesOf(route)
  const single = names.filter((name) => !OPEN.has(`${route.name} ${name}`)).map((name) => new Set([name]))
  return names.length > 1 ? [new Set(names), ...single] : single
}

type Asking = { caller: Caller; pick: (name: string) => Tenant }

function ask(route: Route, { caller, pick }: Asking): Promise<Answer> {
  const { method, parameters } = route
  const left = LEFT_OUT[route.name] ?? []
  const argument = (name: string) =>
    left.includes(name) ? undefined : (NAMES[name]?.(pick(name), route) ?? OTHERS[name]?.(caller))
  const path = route.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(argument(name))))
  const query = new URLSearchParams()
  for (const name of parameters.query) {
    const value = argument(name)
    if (value !== undefined) query.set(name, String(value))
  }
  const body = Object.fromEntries(parameters.body.map((name) => [name, argument(name)]))
  const hasBody = parameters.body.length > 0
  return call(url, method, `${path}?${query}`, { token: caller.token, ...(hasBody && { body }) })
}

function requireRefusal({ status, body }: Answer, what: string, { isSigned }: { isSigned: boolean }) {
  const text = `${what}: ${status} ${JSON.stringify(body)}`
  if (isSigned) return assert.equal(status, 403, text)
  // 403 would say that there is something. 409 is of a name or a domain that is taken, never of what is another's.
  assert.ok(status === 404 || status === 422, text)
}

function requireNothingShown({ body }: Answer, victim: Tenant, what: string) {
  const { owner, mate, ...rest } = victim
  const text = JSON.stringify(body ?? '')
  for (const secret of [...Object.values(rest), owner.id, owner.email, owner.username, mate.id, mate.email]) {
    assert.ok(!text.includes(secret), `${what} shows ${secret}: ${text}`)
  }
}

/** All that the owner sees of it. */
async function look({ owner, mate, workspace, channel, message, file }: Tenant) {
  const paths = [
    ...['/users/me', '/workspaces', '/dms', '/notifications?filter=all', `/users/${mate.id}`, `/attachments/${file}`],
    ...[`/workspaces/${workspace}`, `/workspaces/${workspace}/members`, `/workspaces/${workspace}/channels`],
    ...[`/channels/${channel}`, `/channels/${channel}/members`, `/channels/${channel}/messages?include_replies=true`],
    ...[`/messages/${message}`, `/messages/${message}/replies`, `/messages/${message}/revisions`],
    `/messages/${message}/reactions`,
  ]
  const seen = await Promise.all(paths.map((path) => ok(200, owner.get(path))))
  // Signed anew for each hour.
  return JSON.parse(JSON.stringify(seen).replace(/"file_url":"[^"]*"/g, '"file_url":""'))
}
