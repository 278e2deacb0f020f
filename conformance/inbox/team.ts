// biome-ignore-all lint/suspicious/noExplicitAny: answers are what a test looks into, whatever they are.
import assert from 'node:assert/strict'
import { type Answer, type Call, call, type Person, signUp } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'

type Ask = (path: string, body?: unknown, options?: Call) => Promise<Answer>

/** Somebody with an account, and requests in their name: paths beneath /api/v1. */
export type Caller = Person & {
  /** Sent with every request. */
  headers: Record<string, string>
  get(path: string, options?: Call): Promise<Answer>
  post: Ask
  patch: Ask
  delete: Ask
  /** The same in a workspace that the requests name. */
  within(workspaceId: string): Caller
}

export function makeCaller(url: string, person: Person, headers: Record<string, string> = {}): Caller {
  const ask =
    (method: string): Ask =>
    (path, body, options) =>
      call(url, method, `/api/v1${path}`, {
        token: person.token,
        ...(body !== undefined && { body }),
        ...options,
        headers: { ...headers, ...options?.headers },
      })
  return {
    ...person,
    headers,
    get: (path, options) => ask('GET')(path, undefined, options),
    post: ask('POST'),
    patch: ask('PATCH'),
    delete: ask('DELETE'),
    within: (workspaceId) => makeCaller(url, person, { ...headers, 'x-workspace-id': workspaceId }),
  }
}

export async function makePerson(url: string, name: string): Promise<Caller> {
  return makeCaller(url, await signUp(url, name))
}

/** A workspace of somebody's, made as team-chat makes it. */
export async function makeWorkspace(url: string, owner: Person, name = 'Acme'): Promise<string> {
  return (await ok(201, call(url, 'POST', '/workspaces', { token: owner.token, body: { name } }))).id
}

type Membership = { owner: Person; workspace: string; role: string }

export async function addMember(url: string, { id }: Person, { owner, workspace, role }: Membership): Promise<void> {
  const body = { user_id: id, role }
  await ok(201, call(url, 'POST', `/workspaces/${workspace}/members`, { token: owner.token, body }))
}

/**
 * A workspace with ada (owner), cy (admin), bob (member) and gus (guest). Eve has no workspace at all, mallory owns
 * another.
 */
export async function makeTeam(url: string) {
  const names = ['ada', 'bob', 'cy', 'gus', 'eve', 'mallory']
  const [ada, bob, cy, gus, eve, mallory] = (await Promise.all(names.map((name) => makePerson(url, name)))) as Six
  const workspace = await makeWorkspace(url, ada)
  const otherWorkspace = await makeWorkspace(url, mallory, 'Mallet')
  await addMember(url, bob, { owner: ada, workspace, role: 'member' })
  await addMember(url, cy, { owner: ada, workspace, role: 'admin' })
  await addMember(url, gus, { owner: ada, workspace, role: 'guest' })
  return { ada, bob, cy, gus, eve, mallory, workspace, otherWorkspace }
}

type Six = [Caller, Caller, Caller, Caller, Caller, Caller]

/** What an answer with this status carries in its envelope. */
export async function data(status: number, asked: Promise<Answer>): Promise<any> {
  const body = await ok(status, asked)
  assert.deepEqual(Object.keys(body).sort(), ['data', 'message', 'success'], JSON.stringify(body))
  assert.equal(body.success, true)
  assert.ok(typeof body.message === 'string' && body.message !== '')
  return body.data
}

/** The rows of a list with pages, whose counts must fit each other. */
export async function rows(asked: Promise<Answer>): Promise<any[]> {
  const { data: found, meta } = await data(200, asked)
  assert.deepEqual(Object.keys(meta).sort(), ['page', 'pageSize', 'total', 'totalPages'])
  assert.equal(meta.totalPages, Math.ceil(meta.total / meta.pageSize))
  assert.ok(found.length <= meta.pageSize && found.length <= meta.total)
  return found
}

/** An answer that must be an error: `422 invalid_request email phone` names its code and every wrong field. */
export async function refused(expected: string, asked: Promise<Answer>): Promise<any> {
  const { status, body, headers } = await asked
  const [wantedStatus, code, ...fields] = expected.split(' ')
  const text = JSON.stringify(body)
  assert.equal(`${status} ${body?.error?.code}`, `${wantedStatus} ${code}`, text)
  assert.deepEqual(Object.keys(body).sort(), ['error', 'message', 'success'], text)
  assert.equal(body.success, false)
  assert.ok(typeof body.message === 'string' && body.message !== '')
  assert.ok(headers.get('x-request-id'))
  const { details } = body.error
  assert.ok(Array.isArray(details) && details.every(({ message }: { message: unknown }) => isText(message)), text)
  if (fields.length > 0) {
    assert.deepEqual([...new Set(details.map(({ field }: { field: string }) => field))].sort(), fields.sort(), text)
  }
  return body
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

export const idsOf = (objects: { id: string }[]) => objects.map(({ id }) => id)
