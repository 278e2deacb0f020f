import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aFile, aMessage, openCarrier, openTwilio, unbroken } from '../../testing/emulators/twilio-world.ts'

const MINUTE_MS = 60_000

test('a message whose answer was lost is found again', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const since = new Date().toISOString()
  twilio.fail({ kind: 'cut', at: 'start', isAccepted: true })
  const message = aMessage({ body: 'Only once' })
  assert.equal((await carrier.handOver(message, unbroken())).outcome, 'unknown')
  await carrier.handOver(aMessage({ body: 'Something else' }), unbroken())
  await carrier.handOver(aMessage({ body: 'Only once', to: '+15558675311' }), unbroken())
  await carrier.handOver(aMessage({ body: 'Only once', files: [aFile('https://example.com/a')] }), unbroken())
  await twilio.untilQuiet()
  const [made] = twilio.messages()
  const found = await carrier.find(message, since, unbroken())
  assert.deepEqual(found, { carrierId: made!.sid, carrierStatus: 'delivered' })

  const asked = new Map(twilio.requests.at(-1)!.query)
  assert.deepEqual([asked.get('To'), asked.get('From')], ['+15558675310', '+15005550006'])
  assert.match(String(asked.get('DateSent>')), /^\d{4}-\d\d-\d\dT00:00:00Z$/)
})

test('messages over WhatsApp and of a Messaging Service are found as well', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const since = new Date().toISOString()
  for (const message of [
    aMessage({ transport: 'whatsapp', from: '+14155238886' }),
    aMessage({ from: `MG${'b'.repeat(32)}` }),
  ]) {
    const handover = await carrier.handOver(message, unbroken())
    assert.ok(handover.outcome === 'accepted')
    assert.equal((await carrier.find(message, since, unbroken()))?.carrierId, handover.carrierId)
  }
})

test('it looks through every page', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const since = new Date().toISOString()
  const message = aMessage({ body: 'the first' })
  await carrier.handOver(message, unbroken())
  for (let i = 0; i < 60; i++) await carrier.handOver(aMessage({ body: `another ${i}` }), unbroken())
  const found = await carrier.find(message, since, unbroken())
  assert.equal(found?.carrierId, twilio.messages()[0]!.sid)
  assert.equal(twilio.requests.filter(({ method }) => method === 'GET').length, 2)
})

test('it does not say which where two look alike', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const since = new Date().toISOString()
  await carrier.handOver(aMessage(), unbroken())
  await carrier.handOver(aMessage(), unbroken())
  assert.equal(await carrier.find(aMessage(), since, unbroken()), undefined)
})

test('a message of another time is not taken for ours', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  await carrier.handOver(aMessage(), unbroken())
  for (const minutes of [-20, -3, 5, 30]) {
    const since = new Date(Date.now() + minutes * MINUTE_MS).toISOString()
    assert.equal(await carrier.find(aMessage(), since, unbroken()), undefined)
  }
})

test('what a person wrote with the same words is not taken for ours', async (t) => {
  const twilio = await openTwilio(t)
  const since = new Date().toISOString()
  await twilio.receive({ from: '+15005550006', to: '+15558675310', body: 'Hello ✓' })
  assert.equal(await openCarrier(t, twilio).find(aMessage(), since, unbroken()), undefined)
})

test('a message that is not listed may have been sent all the same: it never says that there is none', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const since = new Date().toISOString()
  await carrier.handOver(aMessage(), unbroken())
  twilio.setListed(false)
  assert.equal(await carrier.find(aMessage(), since, unbroken()), undefined)
})

test('where Twilio does not answer, nothing is said', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const since = new Date().toISOString()
  await carrier.handOver(aMessage(), unbroken())
  twilio.fail({ kind: 'server_error', status: 500 }, { on: 'read' })
  assert.equal(await carrier.find(aMessage(), since, unbroken()), undefined)
  twilio.fail({ kind: 'no_json', status: 200 }, { on: 'read' })
  assert.equal(await carrier.find(aMessage(), since, unbroken()), undefined)
  await twilio.goDown()
  assert.equal(await carrier.find(aMessage(), since, unbroken()), undefined)
})
