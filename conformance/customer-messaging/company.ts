// biome-ignore-all lint/suspicious/noExplicitAny: answers are what a test looks into, whatever they are.
import assert from 'node:assert/strict'
import { type Answer, type Call, call } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'
import type { ServerProcess } from '../harness/server-process.ts'

type Ask = (path: string, body?: unknown, options?: Call) => Promise<Answer>

/** An API client's server: requests with one pair of its keys, paths beneath /api/v1. */
export type Company = {
  id: string
  publicKey: string
  token: string
  domain: string
  headers: Record<string, string>
  get(path: string, options?: Call): Promise<Answer>
  post: Ask
  put: Ask
  patch: Ask
  delete: Ask
}

export type Keys = { id: string; public_key: string; token: string; domain: string }

/** A client made at the command line, with its live and its test keys. */
export async function makeCompany(server: ServerProcess, ...flags: string[]) {
  const domain = `acme-${crypto.randomUUID()}.example`
  const made = await runJson(server, ['client', 'create', '--name', 'Acme', '--domain', domain, ...flags])
  const { id, test } = made
  return {
    made,
    live: makeCaller(server.url, made),
    test: makeCaller(server.url, { ...test, id, domain }),
  }
}

/** What a command prints with --json. */
export async function runJson(server: ServerProcess, args: string[]): Promise<any> {
  const { code, out, err } = await server.command([...args, '--json'])
  assert.equal(code, 0, err)
  return JSON.parse(out)
}

export function makeCaller(url: string, { id, public_key: publicKey, token, domain }: Keys): Company {
  const headers = { 'x-public-key': publicKey }
  const ask =
    (method: string): Ask =>
    (path, body, options) =>
      call(url, method, `/api/v1${path}`, {
        token,
        ...(body !== undefined && { body }),
        ...options,
        headers: { ...headers, ...options?.headers },
      })
  return {
    ...{ id, publicKey, token, domain, headers },
    get: (path, options) => ask('GET')(path, undefined, options),
    post: ask('POST'),
    put: ask('PUT'),
    patch: ask('PATCH'),
    delete: ask('DELETE'),
  }
}

let made = 0

export async function makeCustomer(company: Company, name = 'Carol', fields: object = {}): Promise<any> {
  const email = `${name.toLowerCase()}-${++made}@example.com`
  return ok(201, company.post('/customers', { name, email, ...fields }))
}

export async function makeChannel(company: Company, customers: { id: string }[], name?: string): Promise<any> {
  const type = name === undefined ? 'general' : 'custom'
  return ok(201, company.post('/channels', { type, name, customer_uuids: customers.map(({ id }) => id) }))
}

export async function say(company: Company, channel: { id: string }, sender: { id: string }, content: string) {
  return ok(201, company.post('/messages', { channel_uuid: channel.id, sender_uuid: sender.id, content }))
}

/** An answer that must be an error: `422 parameter_missing name email` names its code and every wrong field. */
export async function refused(expected: string, asked: Promise<Answer>): Promise<any> {
  const { status, body, headers } = await asked
  const [wantedStatus, code, ...fields] = expected.split(' ')
  const text = JSON.stringify(body)
  assert.equal(`${status} ${body?.error?.code}`, `${wantedStatus} ${code}`, text)
  const { type, message, param } = body.error
  assert.equal(type, TYPES[status] ?? 'invalid_request_error', text)
  assert.ok(typeof message === 'string' && message !== '')
  assert.ok(headers.get('x-request-id'))
  assert.deepEqual(
    Object.keys(body).sort(),
    status === 422 && fields.length > 0 ? ['error', 'errors'] : ['error'],
    text,
  )
  if (fields.length === 0) return body
  assert.deepEqual(Object.keys(body.errors ?? {}).sort(), [...fields].sort(), text)
  assert.ok(fields.includes(param), text)
  for (const problems of Object.values<any>(body.errors)) assert.ok(problems.length > 0 && problems.every(isText))
  return body
}

const TYPES: Record<number, string> = {
  401: 'authentication_error',
  429: 'rate_limit_error',
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** Every row of a list, page by page, forward by `starting_after` or backward by `ending_before`. */
export async function walk(
  get: Company['get'],
  path: string,
  { limit, isBackward = false, between }: { limit: number; isBackward?: boolean; between?: () => Promise<unknown> },
): Promise<any[]> {
  const rows: any[] = []
  const url = new URL(path, 'http://any')
  url.searchParams.set('limit', String(limit))
  for (;;) {
    const page = await ok(200, get(url.pathname + url.search))
    assert.ok(page.data.length <= limit && (page.data.length === limit || !page.has_more))
    if (isBackward) rows.unshift(...page.data)
    else rows.push(...page.data)
    if (!page.has_more) return rows
    const edge = isBackward ? page.data[0] : page.data.at(-1)
    url.searchParams.set(isBackward ? 'ending_before' : 'starting_after', edge.id)
    await between?.()
  }
}

export const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id)

export function bare(id: string): string {
  return id.slice(id.indexOf('_') + 1)
}
