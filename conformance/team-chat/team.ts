import { type Answer, type Call, call, type Person, signUp } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'

type Ask = (path: string, body?: unknown, options?: Call) => Promise<Answer>

/** Somebody with an account, and requests in their name. */
export type Caller = Person & {
  get: (path: string, options?: Call) => Promise<Answer>
  post: Ask
  put: Ask
  patch: Ask
  delete: Ask
}

export function makeCaller(url: string, person: Person): Caller {
  const ask =
    (method: string): Ask =>
    (path, body, options) =>
      call(url, method, path, { token: person.token, ...(body !== undefined && { body }), ...options })
  return {
    ...person,
    get: (path, options) => call(url, 'GET', path, { token: person.token, ...options }),
    post: ask('POST'),
    put: ask('PUT'),
    patch: ask('PATCH'),
    delete: ask('DELETE'),
  }
}

export async function makePerson(url: string, name: string): Promise<Caller> {
  return makeCaller(url, await signUp(url, name))
}

/**
 * A workspace with ada (owner), cy (admin), bob (member) and gus (guest); a public channel with ada, bob and cy in
 * it, and a private one with ada and bob. Eve has no workspace at all, mallory owns another.
 */
export async function makeTeam(url: string) {
  const person = (name: string) => makePerson(url, name)
  const [ada, bob, cy, gus, eve, mallory] = await Promise.all([
    person('ada'),
    person('bob'),
    person('cy'),
    person('gus'),
    person('eve'),
    person('mallory'),
  ])
  const workspace: string = (await ok(201, ada.post('/workspaces', { name: 'Acme' }))).id
  for (const [{ id }, role] of [
    [bob, 'member'],
    [cy, 'admin'],
    [gus, 'guest'],
  ] as const) {
    await ok(201, ada.post(`/workspaces/${workspace}/members`, { user_id: id, role }))
  }
  const makeChannel = async (fields: object): Promise<string> =>
    (await ok(201, ada.post(`/workspaces/${workspace}/channels`, fields))).id
  const general = await makeChannel({ name: 'general', member_ids: [bob.id, cy.id] })
  const secret = await makeChannel({ name: 'secret', is_private: true, member_ids: [bob.id] })
  return { ada, bob, cy, gus, eve, mallory, workspace, general, secret, makeChannel }
}

/** Sends a message and gives it back. */
// biome-ignore lint/suspicious/noExplicitAny: an answer
export async function say(author: Caller, channelId: string, body: string, fields: object = {}): Promise<any> {
  return ok(201, author.post(`/channels/${channelId}/messages`, { body, ...fields }))
}
