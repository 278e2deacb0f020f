import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { begin, makeFirstTeam, startWithCarriers } from './carriers.ts'
import { data, idsOf, refused, rows } from './team.ts'

const carriers = await startWithCarriers()
const { server, twilio, sendgrid } = carriers
const { ada, bob, gus, eve, mallory } = await makeFirstTeam(carriers)

const HOUR_MS = 3_600_000
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

// A machine that is slow gets a later time instead of a refusal, since that time is past.
const LEADS_MS = [1_500, 6_000, 24_000]

/** Schedules something for soon. */
// biome-ignore lint/suspicious/noExplicitAny: an answer is what a test looks into.
async function soon(path: string, body: object): Promise<any> {
  for (const leadMs of LEADS_MS) {
    const answer = await bob.post(path, { ...body, scheduledAt: inMs(leadMs) })
    if (answer.status !== 422) return data(201, Promise.resolve(answer))
  }
  assert.fail('it was never soon enough')
}

const untilEnded = (id: string) =>
  eventually(async () => {
    const found = await data(200, bob.get(`/scheduled-messages/${id}`))
    assert.notEqual(found.status, 'scheduled')
    return found
  })

const textsTo = (phone: string) =>
  twilio
    .messages()
    .filter(({ to }) => to === phone || to === `whatsapp:${phone}`)
    .map(({ body }) => body)

test('a message is scheduled over its own route, is shown, and is cancelled, once and again', async () => {
  const person = await begin(bob)
  const scheduledAt = inMs(HOUR_MS)
  const path = `${person.path}/messages/schedule`
  const { id, createdAt, ...shown } = await data(201, bob.post(path, { channel: 'SMS', message: 'Later', scheduledAt }))
  assert.ok(id && Date.parse(createdAt))
  const scheduled = { conversationId: person.id, sender: bob.id, channel: 'SMS', message: 'Later', scheduledAt }
  assert.deepEqual(shown, { ...scheduled, status: 'scheduled' })
  const one = `/scheduled-messages/${id}`
  assert.deepEqual(await data(200, ada.get(one)), { id, createdAt, ...shown })
  assert.deepEqual(idsOf(await rows(ada.get(`${person.path}/scheduled-messages?status=scheduled`))), [id])
  assert.deepEqual((await data(200, bob.get(`${person.path}/messages`))).data, [])
  const cancelled = await data(200, ada.delete(one))
  assert.deepEqual(cancelled, { id, createdAt, ...shown, status: 'cancelled' })
  assert.deepEqual(await data(200, bob.delete(one)), cancelled)
  assert.deepEqual(await rows(ada.get(`${person.path}/scheduled-messages?status=scheduled`)), [])
  assert.deepEqual(await rows(ada.get(`${person.path}/scheduled-messages`)), [cancelled])
})

test('every send takes a time, and answers with a message that is scheduled', async () => {
  const person = await begin(bob)
  await twilio.receive({ from: `whatsapp:${person.phone}`, to: 'whatsapp:+14155238886', body: 'Hello?' })
  await eventually(async () => assert.equal((await data(200, bob.get(person.path))).channel, 'WhatsApp'))
  const scheduledAt = inMs(HOUR_MS)
  const email = { fromName: 'Acme', to: person.email, subject: 'Later', body: '<p>Hi</p>' }
  const sends = {
    '/sms': { body: { message: 'Hi', to: person.phone }, channel: 'SMS' },
    '/whatsapp': { body: { message: 'Hi', to: `whatsapp:${person.phone}` }, channel: 'WhatsApp' },
    '/email': { body: email, channel: 'Email' },
    '': { body: { channel: 'WhatsApp', message: 'Hi' }, channel: 'WhatsApp' },
  }
  for (const [route, { body, channel }] of Object.entries(sends)) {
    const sent = await data(201, bob.post(`${person.path}/messages${route}`, { ...body, scheduledAt }))
    const { id, metadata, ...shown } = sent
    const common = { conversationId: person.id, sender: bob.id, senderType: 'user', message: 'Hi', channel }
    assert.deepEqual(shown, { ...common, status: 'scheduled', timestamp: scheduledAt, scheduledAt })
    assert.deepEqual(metadata, channel === 'Email' ? { subject: 'Later' } : undefined)
    assert.equal((await data(200, bob.delete(`/scheduled-messages/${id}`))).status, 'cancelled')
  }
  const { data: messages } = await data(200, bob.get(`${person.path}/messages`))
  assert.equal(messages.length, 1, 'only what the person wrote')
})

test('it goes out when it is due and not before, and then it cannot be cancelled', async () => {
  const person = await begin(bob)
  const body = { message: 'On time ✓', to: person.phone }
  const { id, scheduledAt } = await soon(`${person.path}/messages/sms`, body)
  const sent = await untilEnded(id)
  assert.equal(sent.status, 'sent')
  const message = await eventually(async () => {
    const [found] = (await data(200, bob.get(`${person.path}/messages`))).data
    assert.equal(found.status, 'delivered')
    return found
  })
  assert.deepEqual([message.id, message.sender, message.message], [sent.messageId, bob.id, 'On time ✓'])
  assert.ok(message.timestamp >= scheduledAt, `${message.timestamp} is before ${scheduledAt}`)
  assert.deepEqual(textsTo(person.phone), ['On time ✓'])
  await refused('409 scheduled_message_sent messageId', bob.delete(`/scheduled-messages/${id}`))
})

test('an email goes later with all that it has, its files too', async () => {
  const person = await begin(bob, 'Email')
  const attachments = [
    { filename: 'plan.txt', content: Buffer.from('Plan').toString('base64'), contentType: 'text/plain' },
  ]
  const email = { channel: 'Email', fromName: 'Acme', subject: 'Plan', body: '<b>See</b>', cc: 'dan@example.org' }
  const scheduled = await soon(`${person.path}/messages/schedule`, { ...email, attachments })
  assert.deepEqual([scheduled.subject, scheduled.message], ['Plan', 'See'])
  assert.equal((await untilEnded(scheduled.id)).status, 'sent')
  const mail = await eventually(() => {
    const found = sendgrid.sent().find(({ recipients }) => recipients.includes(person.email))
    assert.ok(found)
    return JSON.stringify(found)
  })
  for (const part of ['plan.txt', 'dan@example.org', 'See</b>']) assert.ok(mail.includes(part), part)
})

test('the past, a nonsense time and what could not be sent now are refused, and every wrong field is named', async () => {
  const person = await begin(bob)
  const path = `${person.path}/messages/schedule`
  const body = { channel: 'SMS', message: 'Later', scheduledAt: inMs(HOUR_MS) }
  for (const scheduledAt of [inMs(-1_000), inMs(367 * 24 * HOUR_MS), 'soon', '']) {
    await refused('422 invalid_request scheduledAt', bob.post(path, { ...body, scheduledAt }))
    const sms = { message: 'Later', scheduledAt }
    await refused('422 invalid_request scheduledAt', bob.post(`${person.path}/messages/sms`, sms))
  }
  await refused('422 invalid_request scheduledAt', bob.post(path, { channel: 'SMS', message: 'Later' }))
  await refused('422 invalid_request channel', bob.post(path, { ...body, channel: 'Fax' }))
  await refused(
    '422 invalid_request message scheduledAt to',
    bob.post(path, { channel: 'SMS', message: '', to: 'x', scheduledAt: inMs(-1) }),
  )
  await refused('422 whatsapp_window_closed to', bob.post(path, { ...body, channel: 'WhatsApp' }))
  await data(200, bob.patch(`${person.path}/contact`, { dnd: true }))
  await refused('422 contact_dnd to', bob.post(path, body))
  assert.deepEqual(await rows(bob.get(`${person.path}/scheduled-messages`)), [])
  await refused('422 invalid_request status', bob.get(`${person.path}/scheduled-messages?status=none`))
})

test('what is forbidden when it is due is not sent, and a person is told', async () => {
  const { person, id } = await forbidBeforeItIsDue()
  const { status, errorCode, errorMessage, messageId } = await untilEnded(id)
  assert.deepEqual([status, errorCode, messageId], ['failed', 'contact_dnd', undefined])
  assert.ok(errorMessage)
  assert.deepEqual(textsTo(person.phone), [])
  await refused('409 scheduled_message_failed messageId', bob.delete(`/scheduled-messages/${id}`))
  const actions = await data(200, bob.get('/conversations/manual-actions?status=pending'))
  const [action, ...others] = actions.filter((one: { conversationId: string }) => one.conversationId === person.id)
  assert.deepEqual([action.reason, action.assignedTo, others.length], ['contact_dnd', ada.id, 0])
  assert.match(action.action, /scheduled SMS was not sent/)
})

/** Somebody who is left alone since something for them was scheduled. */
async function forbidBeforeItIsDue() {
  for (const leadMs of LEADS_MS) {
    const person = await begin(bob)
    const body = { channel: 'SMS', message: 'Later', scheduledAt: inMs(leadMs) }
    const scheduled = await bob.post(`${person.path}/messages/schedule`, body)
    await data(200, ada.patch(`${person.path}/contact`, { dnd: true, ownerId: ada.id }))
    // Where it was due before that, with somebody else and more time.
    if (scheduled.status === 201 && inMs(0) < body.scheduledAt) return { person, id: scheduled.body.data.id as string }
  }
  return assert.fail('it was always due too soon')
}

test('guests may not, strangers find nothing, and ids that are none are refused', async () => {
  const person = await begin(bob)
  const body = { channel: 'SMS', message: 'Later', scheduledAt: inMs(HOUR_MS) }
  const { id } = await data(201, bob.post(`${person.path}/messages/schedule`, body))
  const asks = [
    (who: typeof bob) => who.post(`${person.path}/messages/schedule`, body),
    (who: typeof bob) => who.get(`${person.path}/scheduled-messages`),
    (who: typeof bob) => who.get(`/scheduled-messages/${id}`),
    (who: typeof bob) => who.delete(`/scheduled-messages/${id}`),
  ]
  for (const [i, ask] of asks.entries()) {
    await refused('403 permission_denied', ask(gus))
    await refused('404 workspace_not_found', ask(eve))
    await refused(i < 2 ? '404 conversation_not_found' : '404 scheduled_message_not_found', ask(mallory))
  }
  await refused('422 invalid_request messageId', bob.get('/scheduled-messages/none'))
  await refused('422 invalid_request messageId', bob.delete('/scheduled-messages/none'))
  await refused('404 scheduled_message_not_found messageId', bob.delete(`/scheduled-messages/${crypto.randomUUID()}`))
  assert.equal((await data(200, bob.get(`/scheduled-messages/${id}`))).status, 'scheduled')
})

test('the same key schedules once', async () => {
  const person = await begin(bob)
  const body = { channel: 'SMS', message: 'Once', scheduledAt: inMs(HOUR_MS) }
  const ask = () =>
    bob.post(`${person.path}/messages/schedule`, body, { headers: { 'idempotency-key': `once-${person.id}` } })
  const [first, second] = [await ask(), await ask()]
  assert.deepEqual([second.status, second.body], [201, first.body])
  assert.equal(second.headers.get('idempotency-replayed'), 'true')
  assert.equal((await rows(bob.get(`${person.path}/scheduled-messages`))).length, 1)
})

test('what becomes due while the server is down goes out after its start, once', async () => {
  const person = await begin(bob)
  const { id, scheduledAt } = await soon(`${person.path}/messages/schedule`, { channel: 'SMS', message: 'Late' })
  await server.kill()
  await eventually(() => assert.ok(new Date().toISOString() > scheduledAt))
  await server.start()
  assert.equal((await untilEnded(id)).status, 'sent')
  await eventually(() => assert.deepEqual(textsTo(person.phone), ['Late']))
})
