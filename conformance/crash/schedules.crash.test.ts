import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTwilioEmulator } from '../../server/src/testing/emulators/twilio.ts'
import { call, signUp } from '../harness/client.ts'
import { eventually } from '../harness/eventually.ts'
import { ok } from '../harness/expect.ts'
import { createServerProcess } from '../harness/server-process.ts'

const CONVERSATIONS = 20
const EACH = 10
const LEADS_MS = [8_000, 30_000, 90_000]

test('a kill while scheduled messages go out: each is sent once, or cancelled and not sent', async (t) => {
  const twilio = await startTwilioEmulator({ ownNumbers: ['+15005550006'] })
  const server = await createServerProcess({
    PARLANCE_SEED: 'false',
    PARLANCE_TWILIO_BASE_URL: twilio.url,
    PARLANCE_TWILIO_ACCOUNT_SID: twilio.accountSid,
    PARLANCE_TWILIO_AUTH_TOKEN: twilio.authToken,
    PARLANCE_TWILIO_SMS_FROM: '+15005550006',
  })
  t.after(async () => {
    await server.remove()
    await twilio.close()
  })
  await server.start()
  const { token } = await signUp(server.url, 'sender')
  const ask = (method: string, path: string, body?: unknown) =>
    call(server.url, method, path, { token, ...(body !== undefined && { body }) })
  await ok(201, ask('POST', '/workspaces', { name: 'Crash' }))
  const paths: string[] = []
  for (let i = 0; i < CONVERSATIONS; i++) {
    const contact = { fullName: `Person ${i}`, phone: `+1415555${3_000 + i}` }
    const begun = await ok(201, ask('POST', '/api/v1/conversations', { channel: 'SMS', contact }))
    paths.push(`/api/v1/conversations/${begun.data.id}`)
  }
  const ids = await scheduleAll(ask, paths)

  const cancelled = new Set<string>()
  const cancelling = (async () => {
    for (const [message, id] of [...ids].filter((_, i) => i % 7 === 0)) {
      const answer = await ask('DELETE', `/api/v1/scheduled-messages/${id}`).catch(() => null)
      if (answer?.status === 200) cancelled.add(message)
      await eventually(() => assert.ok(twilio.messages().length >= 10), 120_000)
    }
  })()
  await eventually(() => assert.ok(twilio.messages().length >= ids.size / 4), 120_000)
  await server.kill()
  await server.start()
  await cancelling

  await eventually(async () => {
    for (const [message, id] of ids) {
      const { status } = (await ok(200, ask('GET', `/api/v1/scheduled-messages/${id}`))).data
      // Whether a cancellation was committed whose answer the kill took away, only the server knows.
      if (cancelled.has(message)) assert.equal(status, 'cancelled', message)
      else if (status === 'cancelled') cancelled.add(message)
      else assert.equal(status, 'sent', message)
    }
  }, 120_000)
  const written: string[] = []
  for (const path of paths) {
    const { data } = await ok(200, ask('GET', `${path}/messages?pageSize=100`))
    for (const { message } of data.data) if (ids.has(message)) written.push(message)
  }
  const expected = [...ids.keys()].filter((message) => !cancelled.has(message))
  assert.deepEqual(written.toSorted(), expected.toSorted())
  const taken = twilio.messages().map(({ body }) => body)
  assert.equal(new Set(taken).size, taken.length, 'handed over twice')
  t.diagnostic(JSON.stringify({ scheduled: ids.size, sent: written.length, cancelled: cancelled.size }))
})

type Ask = (method: string, path: string, body?: unknown) => ReturnType<typeof call>

/** All for one moment; a machine that is slow gets a later one. */
async function scheduleAll(ask: Ask, paths: string[]): Promise<Map<string, string>> {
  for (const [attempt, leadMs] of LEADS_MS.entries()) {
    const scheduledAt = new Date(Date.now() + leadMs).toISOString()
    const ids = new Map<string, string>()
    for (let n = 0; n < EACH; n++) {
      for (const [i, path] of paths.entries()) {
        const message = `message-${attempt}-${i}-${n}`
        const answer = await ask('POST', `${path}/messages/schedule`, { channel: 'SMS', message, scheduledAt })
        if (answer.status === 201) ids.set(message, answer.body.data.id)
      }
    }
    if (ids.size === paths.length * EACH) return ids
    for (const id of ids.values()) await ask('DELETE', `/api/v1/scheduled-messages/${id}`)
  }
  return assert.fail('it was always too late')
}
