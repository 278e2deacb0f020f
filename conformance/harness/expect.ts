// biome-ignore-all lint/suspicious/noExplicitAny: answers are what a test looks into, whatever they are.
import assert from 'node:assert/strict'
import type { Answer } from './client.ts'

/** The body of an answer that must have this status. */
export async function ok(status: number, asked: Promise<Answer>): Promise<any> {
  const { status: actual, body } = await asked
  assert.equal(actual, status, JSON.stringify(body))
  if (status === 204) assert.equal(body, undefined)
  return body
}

/** An answer that must be an error of team-chat's shape: `404 channel_not_found`, `422 invalid_request email`. */
export async function refused(expected: string, asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked
  const [status, code, ...fields] = expected.split(' ')
  const error = answer.body?.error
  assert.equal(`${answer.status} ${error?.code}`, `${status} ${code}`, JSON.stringify(answer.body))
  assert.deepEqual(Object.keys(answer.body), ['error'])
  assert.ok(typeof error.message === 'string' && error.message !== '')
  for (const field of fields) {
    assert.ok(Array.isArray(error.fields?.[field]), `no problem of ${field} in ${JSON.stringify(answer.body)}`)
  }
  assert.ok(answer.headers.get('x-request-id'))
  return answer
}

/** Every row of a list, page by page. */
export async function readAll(get: (path: string) => Promise<Answer>, path: string): Promise<any[]> {
  const rows: any[] = []
  const url = new URL(path, 'http://any')
  let cursor: string | null = ''
  while (cursor !== null) {
    if (cursor !== '') url.searchParams.set('cursor', cursor)
    const page = await ok(200, get(url.pathname + url.search))
    assert.equal(page.has_more, page.next_cursor !== null)
    rows.push(...page.data)
    cursor = page.next_cursor
  }
  return rows
}
