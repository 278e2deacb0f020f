import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTwilioEmulator } from '../../server/src/testing/emulators/twilio.ts'
import { call, signUp } from '../harness/client.ts'
import { eventually } from '../harness/eventually.ts'
import { ok } from '../harness/expect.ts'
import { createServerProcess } from '../harness/server-process.ts'

const MESSAGES = 1_000
const SENDERS = 20
const KILLS = 4

test(`${KILLS} kills in the middle of ${MESSAGES} sends: none that was acknowledged is lost, none is handed over twice`, async (t) => {
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
  await ok(201, call(server.url, 'POST', '/workspaces', { token, body: { name: 'Crash' } }))
  const paths: string[] = []
  for (let i = 0; i < SENDERS; i++) {
    const contact = { fullName: `Person ${i}`, phone: `+1415555${3_000 + i}` }
    const body = { channel: 'SMS', contact }
    const begun = await ok(201, call(server.url, 'POST', '/api/v1/conversations', { token, body }))
    paths.push(`/api/v1/conversations/${begun.data.id}/messages`)
  }

  const acknowledged = new Map<string, string>()
  let next = 0
  const sender = async (path: string) => {
    while (next < MESSAGES) {
      const message = `message-${next++}`
      const headers = { 'idempotency-key': message }
      // Under one key until it is acknowledged, as a careful caller does.
      for (;;) {
        const answer = await call(server.url, 'POST', `${path}/sms`, { token, headers, body: { message } }).catch(
          () => null,
        )
        if (answer?.status === 201) {
          acknowledged.set(message, answer.body.data.id)
          break
        }
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }
  const senders = paths.map(sender)
  for (let kill = 1; kill <= KILLS; kill++) {
    const wanted = (kill * MESSAGES) / (KILLS + 1)
    await eventually(() => assert.ok(acknowledged.size >= wanted), 120_000)
    await server.kill()
    await server.start()
  }
  await Promise.all(senders)
  assert.equal(acknowledged.size, MESSAGES)

  const shown = new Map<string, string>()
  await eventually(async () => {
    for (const path of paths) {
      for (let page = 1, hasMore = true; hasMore; page++) {
        const { data } = await ok(200, call(server.url, 'GET', `${path}?pageSize=100&page=${page}`, { token }))
        for (const { message, status } of data.data) shown.set(message, status)
        hasMore = data.meta.hasMore
      }
    }
    const carried = new Set(twilio.messages().map(({ body }) => body))
    const open = [...shown].filter(([message, status]) => status !== 'delivered' && !carried.has(message))
    // To each person one is on its way at a time: so many are in doubt at most, and all others went out.
    assert.ok(shown.size === MESSAGES && open.length <= KILLS * SENDERS, `${open.length} of ${shown.size} are open`)
  }, 120_000)
  const taken = new Map<string, number>()
  for (const { body } of twilio.messages()) taken.set(body, (taken.get(body) ?? 0) + 1)
  const twice = [...taken].filter(([, times]) => times > 1)
  assert.deepEqual(twice, [], 'handed over twice')
  for (const [message, status] of shown) {
    assert.ok(acknowledged.has(message))
    if (status === 'delivered') assert.equal(taken.get(message), 1, message)
  }
  const doubtful = [...shown].filter(([, status]) => status !== 'delivered').length
  t.diagnostic(JSON.stringify({ acknowledged: acknowledged.size, taken: taken.size, doubtful }))
})
