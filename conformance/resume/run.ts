import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, call, type Person } from '../harness/client.ts'
import type { ServerProcess } from '../harness/server-process.ts'

export type KnownMessage = { id: string; channelId: string; author: Person }
export type Acknowledged = { id: string; clientId: string; channelId: string; authorId: string; body: string }

/** What everything in one run of the model shares. */
export type Run = {
  server: ServerProcess
  people: Person[]
  workspace: string
  /** Channels that are known to have been made. */
  channels: string[]
  /** The newest messages whose sending was acknowledged. */
  recent: KnownMessage[]
  acknowledged: Acknowledged[]
  operations: number
  /** Operations of which nobody knows whether they happened. */
  unknown: number
  /** The newest `q` that any client has applied, by stream. */
  heads: Map<string, number>
  /** The sum of them. */
  events: number
  /** Why the run cannot go on. */
  problem: unknown
  isOver: boolean
}

const TIMEOUT_MS = 20_000
const RETRY_MS = 25
const RECENT_MAX = 300

/** One try; undefined where the reply was lost or the server could not say. */
export async function ask(
  run: Run,
  { token }: Person,
  [method, path, body]: [method: string, path: string, body?: object],
): Promise<Answer | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const options = { token, signal, ...(body !== undefined && { body }) }
  const answer = await call(run.server.url, method, path, options).catch(() => undefined)
  if (answer !== undefined && answer.status !== 503) {
    run.operations++
    const isExpected = answer.status < 500 && ![401, 405, 429].includes(answer.status)
    assert.ok(isExpected, `${method} ${path} ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer
  }
  run.unknown++
  await delay(RETRY_MS)
  return undefined
}

type Send = { path: string; body: string; clientId: string; parent?: string | undefined }

/** Sends a message, under the same client id until it is acknowledged or refused. */
export async function send(run: Run, author: Person, { path, body, clientId, parent }: Send): Promise<void> {
  const sent = { body, client_id: clientId, ...(parent !== undefined && { parent_message_id: parent }) }
  while (run.problem === undefined) {
    const answer = await ask(run, author, ['POST', path, sent])
    if (answer === undefined) continue
    if (answer.status > 201) return
    const { id, channel_id: channelId } = answer.body
    run.acknowledged.push({ id, clientId, channelId, authorId: author.id, body })
    run.recent.push({ id, channelId, author })
    if (run.recent.length > RECENT_MAX) run.recent.shift()
    return
  }
}

const STALL_MS = 40_000
const LOOK_MS = 10

/** Resolves when the clients have seen so many events; throws where nothing moves any more. */
export async function untilEvents(run: Run, count: number): Promise<void> {
  let seen = run.events
  let movedAt = performance.now()
  while (run.events < count) {
    if (run.problem !== undefined) throw run.problem
    if (run.events > seen) {
      seen = run.events
      movedAt = performance.now()
    }
    assert.ok(performance.now() - movedAt < STALL_MS, `no event for a while:\n${run.server.output()}`)
    await delay(LOOK_MS)
  }
}
