import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { begin, EMAIL_FROM, makeFirstTeam, SMS_FROM, startWithCarriers, WHATSAPP_FROM } from './carriers.ts'
import { type Caller, data, refused } from './team.ts'

const carriers = await startWithCarriers()
const { twilio, sendgrid } = carriers
const { bob, gus, mallory } = await makeFirstTeam(carriers)

type Begun = Awaited<ReturnType<typeof begin>>

// biome-ignore lint/suspicious/noExplicitAny: an answer is what a test looks into.
async function messagesOf(caller: Caller, { path }: Begun): Promise<any[]> {
  return (await data(200, caller.get(`${path}/messages`))).data
}

const untilStatus = (conversation: Begun, status: string) =>
  eventually(async () => {
    const message = (await messagesOf(bob, conversation)).at(-1)
    assert.equal(message.status, status)
    return message
  })

test('an SMS is queued at once, goes out, and is shown as delivered with Twilio’s own id and word', async () => {
  const person = await begin(bob)
  const sent = await data(201, bob.post(`${person.path}/messages/sms`, { message: 'Hello ✓', to: person.phone }))
  const { id, timestamp, ...shown } = sent
  assert.ok(id && Date.parse(timestamp))
  assert.deepEqual(shown, {
    conversationId: person.id,
    sender: bob.id,
    senderType: 'user',
    message: 'Hello ✓',
    channel: 'SMS',
    status: 'queued',
  })
  const delivered = await untilStatus(person, 'delivered')
  const carried = twilio.messages().find(({ to }) => to === person.phone)
  assert.deepEqual([carried?.body, carried?.from], ['Hello ✓', SMS_FROM])
  assert.deepEqual(delivered.metadata, { twilioMessageId: carried?.sid, twilioStatus: 'delivered' })
})

test('WhatsApp free text is refused until the person writes, and read receipts come back', async () => {
  const person = await begin(bob, 'WhatsApp')
  const send = () => bob.post(`${person.path}/messages/whatsapp`, { message: 'Hi', to: `whatsapp:${person.phone}` })
  await refused('422 whatsapp_window_closed to', send())
  await twilio.receive({ from: `whatsapp:${person.phone}`, to: `whatsapp:${WHATSAPP_FROM}`, body: 'Hello?' })
  await eventually(async () => assert.equal((await data(200, bob.get(person.path))).unreadCount, 1))
  await data(201, send())
  const { status, channel } = await untilStatus(person, 'read')
  assert.deepEqual([status, channel], ['read', 'WhatsApp'])
  const shown = await data(200, bob.get(person.path))
  assert.deepEqual([shown.channel, shown.lastMessage.sender], ['WhatsApp', 'You'])
})

test('an email goes out with its copies and files, as HTML with a plain text beside it', async () => {
  const person = await begin(bob, 'Email')
  sendgrid.setPlan(['processed', 'delivered'])
  const sent = await data(
    201,
    bob.post(`${person.path}/messages/email`, {
      fromName: 'Acme',
      fromEmail: EMAIL_FROM,
      to: person.email,
      cc: 'dan@example.org, erin@example.org',
      bcc: ['boss@acme.example'],
      subject: 'The plan',
      body: '<p>See <b>the plan</b>.</p>',
      attachments: [
        { filename: 'plan.txt', content: Buffer.from('Plan ✓').toString('base64'), contentType: 'text/plain' },
      ],
    }),
  )
  assert.equal(sent.message.trim(), 'See the plan.')
  assert.equal(sent.metadata.subject, 'The plan')
  const [attachment] = sent.metadata.attachments
  assert.equal(await (await fetch(attachment.url)).text(), 'Plan ✓')
  await untilStatus(person, 'delivered')
  const mail = sendgrid.sent().find(({ recipients }) => recipients.includes(person.email))!
  assert.deepEqual(
    mail.recipients.toSorted(),
    ['boss@acme.example', 'dan@example.org', 'erin@example.org', person.email].toSorted(),
  )
  const body = mail.body as { content: { type: string }[]; attachments: { filename: string }[]; subject: string }
  assert.deepEqual(
    body.content.map(({ type }) => type),
    ['text/plain', 'text/html'],
  )
  assert.deepEqual([body.subject, body.attachments[0]!.filename], ['The plan', 'plan.txt'])
})

test('the generic route sends over the channel that it names, to the contact’s primary address', async () => {
  const person = await begin(bob)
  await data(201, bob.post(`${person.path}/messages`, { channel: 'SMS', message: 'By phone' }))
  await untilStatus(person, 'delivered')
  const email = { channel: 'Email', subject: 'By post', body: 'Plain text' }
  const sent = await data(201, bob.post(`${person.path}/messages`, email))
  assert.deepEqual([sent.channel, sent.message], ['Email', 'Plain text'])
  await eventually(() => assert.ok(sendgrid.sent().some(({ recipients }) => recipients.includes(person.email))))
  assert.ok(twilio.messages().some(({ to, body }) => to === person.phone && body === 'By phone'))
})

test('what cannot be sent is refused before anything is written, in the shape of this API', async () => {
  const person = await begin(bob)
  const path = `${person.path}/messages`
  await refused('422 invalid_request message', bob.post(`${path}/sms`, { message: '' }))
  await refused('422 invalid_request message', bob.post(`${path}/sms`, { message: 'x'.repeat(1_601) }))
  await refused('422 invalid_request to', bob.post(`${path}/sms`, { message: 'x', to: 'nobody' }))
  await refused('422 sender_not_found from', bob.post(`${path}/sms`, { message: 'x', from: '+15005550099' }))
  await refused('422 invalid_request subject', bob.post(`${path}/email`, { body: 'x' }))
  await refused('422 invalid_request cc', bob.post(`${path}/email`, { subject: 's', body: 'x', cc: 'nobody' }))
  const bad = { subject: 's', body: 'x', attachments: [{ filename: 'a', content: '?', contentType: 'text/plain' }] }
  await refused('422 invalid_request attachments.0.content', bob.post(`${path}/email`, bad))
  await refused('403 permission_denied', gus.post(`${path}/sms`, { message: 'x' }))
  await refused('404 conversation_not_found conversationId', mallory.post(`${path}/sms`, { message: 'x' }))
  const missing = '/conversations/01900000-0000-7000-8000-000000000000/messages/sms'
  await refused('404 conversation_not_found conversationId', bob.post(missing, { message: 'x' }))
  await data(200, bob.patch(`${person.path}/contact`, { dnd: true }))
  await refused('422 contact_dnd to', bob.post(`${path}/sms`, { message: 'x' }))
  assert.deepEqual(await messagesOf(bob, person), [])
})

test('the same Idempotency-Key sends once', async () => {
  const person = await begin(bob)
  const headers = { 'idempotency-key': `once-${person.id}` }
  const send = () => bob.post(`${person.path}/messages/sms`, { message: 'Once' }, { headers })
  const [first, second] = [await data(201, send()), await data(201, send())]
  assert.equal(second.id, first.id)
  await untilStatus(person, 'delivered')
  assert.equal(twilio.messages().filter(({ to }) => to === person.phone).length, 1)
})

test('429, then success; a refusal for good says what to do', async () => {
  twilio.fail({ kind: 'rate_limited' }, { times: 2 })
  const person = await begin(bob)
  await data(201, bob.post(`${person.path}/messages/sms`, { message: 'Patience' }))
  await untilStatus(person, 'delivered')
  const wrong = await data(
    201,
    bob.post('/conversations', { channel: 'SMS', contact: { fullName: 'Wrong', phone: '+15005550001' } }),
  )
  await data(201, bob.post(`/conversations/${wrong.id}/messages/sms`, { message: 'Hello' }))
  const failed = await untilStatus({ ...person, path: `/conversations/${wrong.id}` }, 'failed')
  assert.equal(failed.metadata.errorCode, '21211')
  assert.match(failed.metadata.errorMessage, /number/)
})

test('Twilio is down for a while: nothing is lost, and nothing goes twice', async () => {
  await twilio.goDown()
  const person = await begin(bob)
  for (const message of ['one', 'two', 'three']) await data(201, bob.post(`${person.path}/messages/sms`, { message }))
  const waiting = await messagesOf(bob, person)
  assert.deepEqual(new Set(waiting.map(({ status }) => status)), new Set(['queued']))
  await twilio.comeUp()
  await eventually(async () => {
    const statuses = (await messagesOf(bob, person)).map(({ status }) => status)
    assert.deepEqual(statuses, ['delivered', 'delivered', 'delivered'])
  }, 60_000)
  const bodies = twilio.messages().filter(({ to }) => to === person.phone)
  assert.deepEqual(bodies.map(({ body }) => body).toSorted(), ['one', 'three', 'two'])
})
