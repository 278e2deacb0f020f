import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { call, type Person, signUp } from '../harness/client.ts'
import { createServerProcess, type ServerProcess } from '../harness/server-process.ts'

const SENDERS = 200
const PEOPLE = 20
const CHANNELS = 5
const ROUNDS = 10
/** Acknowledged messages between two crashes: enough that the crash finds work under way. */
const SENDS_PER_ROUND = 600

type Acknowledged = { id: string; clientId: string; channelId: string; body: string; sequence: number }

/** What all senders share. */
type Run = {
  server: ServerProcess
  people: Person[]
  channels: string[]
  acknowledged: Acknowledged[]
  isOver: boolean
}

test(`${ROUNDS} kills of the server and of PostgreSQL under ${SENDERS} senders lose and repeat nothing`, async (t) => {
  const server = await createServerProcess()
  t.after(() => server.remove())
  await server.start()
  const run = await prepare(server)
  const senders = Array.from({ length: SENDERS }, (_, i) => sendUntilOver(run, i))
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await waitForSends(run, SENDS_PER_ROUND)
      await server.kill()
      await server.start()
      await waitForSends(run, SENDS_PER_ROUND)
      await server.killPostgres()
    }
    await waitForSends(run, SENDS_PER_ROUND)
  } finally {
    run.isOver = true
  }
  await Promise.all(senders)
  for (const channelId of run.channels) await requireExactHistory(run, channelId)
})

async function prepare(server: ServerProcess): Promise<Run> {
  const people: Person[] = []
  for (let i = 0; i < PEOPLE; i++) people.push(await signUp(server.url, 'sender'))
  const [owner, ...others] = people
  const { token } = owner!
  const workspace = await call(server.url, 'POST', '/workspaces', { token, body: { name: 'Crash' } })
  for (const { id } of others) {
    const added = await call(server.url, 'POST', `/workspaces/${workspace.body.id}/members`, {
      token,
      body: { user_id: id },
    })
    assert.equal(added.status, 201)
  }
  const channels: string[] = []
  for (let i = 0; i < CHANNELS; i++) {
    const path = `/workspaces/${workspace.body.id}/channels`
    const made = await call(server.url, 'POST', path, { token, body: { name: `crash-${i}` } })
    channels.push(made.body.id)
  }
  return { server, people, channels, acknowledged: [], isOver: false }
}

/** Sends one message after the other; each again, under the same client id, until it is acknowledged. */
async function sendUntilOver(run: Run, sender: number): Promise<void> {
  const { token } = run.people[sender % PEOPLE]!
  const channelId = run.channels[sender % CHANNELS]!
  for (let n = 0; !run.isOver; n++) {
    const clientId = `${sender}-${n}`
    const body = `message ${clientId}`
    const answer = await sendAgainUntilAcknowledged(run, channelId, token, { body, client_id: clientId })
    if (answer === undefined) return
    run.acknowledged.push({ id: answer.id, clientId, channelId, body, sequence: answer.sequence })
  }
}

type Sent = { id: string; sequence: number }

async function sendAgainUntilAcknowledged(
  run: Run,
  channelId: string,
  token: string,
  body: object,
): Promise<Sent | undefined> {
  // A send that is under way when the run ends is tried a little longer, so that its outcome is known.
  const giveUpAt = performance.now() + 40_000
  let last: unknown
  while (performance.now() < giveUpAt) {
    const signal = AbortSignal.timeout(30_000)
    const answer = await call(run.server.url, 'POST', `/channels/${channelId}/messages`, { token, body, signal }).catch(
      () => undefined,
    )
    if (answer?.status === 201 || answer?.status === 200) return answer.body
    if (answer !== undefined && answer.status !== 503)
      assert.fail(`a send was refused: ${answer.status} ${JSON.stringify(answer.body)}`)
    last = answer ?? 'no answer'
    await delay(50)
  }
  assert.fail(`a send was not acknowledged in two minutes, last ${JSON.stringify(last)}:\n${run.server.output()}`)
}

async function waitForSends(run: Run, count: number): Promise<void> {
  const aim = run.acknowledged.length + count
  const giveUpAt = performance.now() + 40_000
  while (run.acknowledged.length < aim) {
    assert.ok(performance.now() < giveUpAt, `sends stand still:\n${run.server.output()}`)
    await delay(10)
  }
}

async function requireExactHistory(run: Run, channelId: string): Promise<void> {
  const history = await readHistory(run, channelId)
  assert.deepEqual(
    history.map(({ sequence }) => sequence),
    history.map((_, i) => i + 1),
    'the sequence has a hole',
  )
  const clientIds = history.map((message) => `${message.user_id} ${message.client_id}`)
  assert.equal(new Set(clientIds).size, history.length, 'a client id stands twice')
  const stored = new Map(history.map((message) => [message.id, message]))
  for (const sent of run.acknowledged.filter((one) => one.channelId === channelId)) {
    const message = stored.get(sent.id)
    assert.deepEqual(
      { body: message?.body, client_id: message?.client_id, sequence: message?.sequence },
      { body: sent.body, client_id: sent.clientId, sequence: sent.sequence },
    )
  }
}

type Shown = { id: string; user_id: string; body: string; client_id: string; sequence: number }

async function readHistory({ server, people }: Run, channelId: string): Promise<Shown[]> {
  const { token } = people[0]!
  const history: Shown[] = []
  let cursor: string | null = null
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await call(server.url, 'GET', `/channels/${channelId}/messages?order=asc&limit=100${after}`, { token })
    assert.equal(page.status, 200)
    history.push(...page.body.data)
    cursor = page.body.next_cursor
  } while (cursor !== null)
  return history
}
