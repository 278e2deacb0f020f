import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { findContactByAddress } from '../core/addresses/queries.ts'
import { isOptedOut } from '../core/consents/queries.ts'
import { findContactConversation } from '../core/contact-conversations/queries.ts'
import { updateContactDetails } from '../core/contacts/update-contact-details.ts'
import { sendToContact } from '../core/deliveries/send-to-contact.ts'
import { readFile } from '../core/files/read-file.ts'
import { replayInboundWebhooks } from '../core/inbound-webhooks/replay-inbound-webhooks.ts'
import { addMs } from '../platform/clock.ts'
import { carriageWorld, SMS_FROM, WHATSAPP_FROM } from '../testing/carriage-world.ts'
import { until } from '../testing/client-world.ts'

const CAROL = '+15558675310'

test('an SMS goes out, and is followed to the phone by signed reports', async (t) => {
  const world = await carriageWorld(t)
  const timeline = await world.meet(CAROL, 'Carol')
  const { message, delivery } = await sendToContact(world.as('ada'), {
    ...timeline,
    transport: 'sms',
    body: 'Your table is ready 🍽',
    clientId: 'table-1',
  })
  assert.deepEqual([delivery.status, delivery.toAddress], ['queued', CAROL])
  const { carrierId, carrierStatus } = await world.untilStatus(delivery, 'delivered')
  const [sent] = world.twilio.messages()
  assert.deepEqual([sent!.sid, sent!.body, sent!.from, sent!.to], [carrierId, message.body, SMS_FROM, CAROL])
  assert.equal(carrierStatus, 'delivered')
  const again = await sendToContact(world.as('ada'), {
    ...timeline,
    transport: 'sms',
    body: 'Your table is ready 🍽',
    clientId: 'table-1',
  })
  assert.deepEqual([again.isRepeat, again.message.id, again.delivery.id], [true, message.id, delivery.id])
  await world.twilio.untilQuiet()
  assert.equal(world.twilio.messages().length, 1)
  const { 'twilio.status': outcomes } = await world.untilApplied()
  assert.ok(outcomes!.includes('applied'))
})

test('who writes first becomes a contact, once, with one timeline over SMS and WhatsApp', async (t) => {
  const world = await carriageWorld(t)
  const workspaceId = world.ids.workspace
  await Promise.all([
    world.twilio.receive({ from: CAROL, to: SMS_FROM, body: 'Are you open?' }),
    world.twilio.receive({
      from: `whatsapp:${CAROL}`,
      to: `whatsapp:${WHATSAPP_FROM}`,
      body: 'Hello?',
      profileName: 'Carol',
    }),
  ])
  await until('both are there', async () => (await world.untilApplied())['twilio.message']?.length === 2)
  const contact = await findContactByAddress(world.system.db, { workspaceId, kind: 'phone', value: CAROL })
  const opened = await findContactConversation(world.system.db, { workspaceId, contactId: contact!.id })
  const { conversation } = opened!
  const messages = await world.messagesOf(conversation.id)
  assert.deepEqual(messages.map(({ body }) => body).sort(), ['Are you open?', 'Hello?'])
  assert.ok(messages.every((one) => one.authorKind === 'contact' && one.authorId === contact!.id))
  assert.deepEqual(messages.map(({ metadata }) => metadata!.transport).sort(), ['sms', 'whatsapp'])
  await replayInboundWebhooks(world.system, { kind: 'twilio.message' })
  await world.untilApplied()
  assert.equal((await world.messagesOf(conversation.id)).length, 2, 'applied again, nothing is new')
})

test('pictures that come with a message are kept as files', async (t) => {
  const world = await carriageWorld(t)
  const timeline = await world.meet(CAROL, 'Carol')
  const bytes = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
  await world.twilio.receive({ from: CAROL, to: SMS_FROM, body: 'Look', media: [{ contentType: 'image/gif', bytes }] })
  const [message] = await until('it is there', async () => {
    const messages = await world.messagesOf(timeline.conversationId)
    return messages.length === 1 && messages
  })
  const [attachment] = message!.attachments
  assert.deepEqual([attachment!.name, attachment!.contentType], ['file-1.gif', 'image/gif'])
  const opened = await readFile(world.system, { fileId: attachment!.fileId })
  assert.deepEqual(await buffer(await opened.read()), bytes)
})

test('what is not signed, or signed for something else, changes nothing', async (t) => {
  const world = await carriageWorld(t)
  const post = (path: string, headers: Record<string, string>) =>
    fetch(`${world.url}/api/v1/webhooks/twilio${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ MessageSid: 'SM1', From: CAROL, To: SMS_FROM, Body: 'hi', MessageStatus: 'sent' }),
    })
  for (const path of ['/sms', '/whatsapp', '/sms/status', '/whatsapp/status']) {
    assert.equal((await post(path, {})).status, 403)
    assert.equal((await post(path, { 'x-twilio-signature': 'AAAA' })).status, 403)
  }
  assert.deepEqual(await world.untilApplied(), {})
})

test('STOP is heard: what was queued is not sent, what is new is refused, START brings back', async (t) => {
  const world = await carriageWorld(t)
  const timeline = await world.meet(CAROL, 'Carol')
  const workspaceId = world.ids.workspace
  world.twilio.fail({ kind: 'rate_limited', retryAfter: '3600' }, { times: 1 })
  const send = () => sendToContact(world.as('bob'), { ...timeline, transport: 'sms', body: 'Offer' })
  const { delivery } = await send()
  await until('it waits', async () => (await world.find(delivery)).errorCode !== null)
  await world.twilio.receive({ from: CAROL, to: SMS_FROM, body: 'Stop' })
  const key = { workspaceId, transport: 'sms' as const, address: CAROL }
  await until('she is opted out', () => isOptedOut(world.system.db, key))
  await assert.rejects(send(), { code: 'opted_out' })
  const before = world.twilio.requests.length
  world.setNow(addMs(new Date().toISOString(), 3_700_000))
  const { errorCode } = await world.untilStatus(delivery, 'failed')
  assert.equal(errorCode, 'opted_out')
  assert.equal(world.twilio.requests.length, before, 'Twilio never heard of it')
  await world.twilio.receive({ from: CAROL, to: SMS_FROM, body: 'START' })
  await until('she is back', async () => !(await isOptedOut(world.system.db, key)))
  const { delivery: next } = await send()
  await world.untilStatus(next, 'delivered')
})

test('WhatsApp takes free text within 24 hours of the person’s last message, also when it is due', async (t) => {
  const world = await carriageWorld(t)
  const timeline = await world.meet(CAROL, 'Carol')
  const send = () => sendToContact(world.as('bob'), { ...timeline, transport: 'whatsapp', body: 'Hello' })
  await assert.rejects(send(), { code: 'whatsapp_window_closed' })
  await world.twilio.receive({ from: `whatsapp:${CAROL}`, to: `whatsapp:${WHATSAPP_FROM}`, body: 'Hi' })
  await until('the window is open', async () => (await world.messagesOf(timeline.conversationId)).length === 1)
  const { delivery } = await send()
  await world.untilStatus(delivery, 'read')
  const steps = (await world.stepsOf(delivery)).map(({ status }) => status)
  assert.ok(steps.includes('sent') && steps.includes('delivered') && steps.includes('read'), steps.join())
  world.setNow(addMs(new Date().toISOString(), 25 * 3_600_000))
  await assert.rejects(send(), { code: 'whatsapp_window_closed' })
})

test('a refusal says what to do; a number that cannot be called is Twilio’s word', async (t) => {
  const world = await carriageWorld(t)
  const timeline = await world.meet('+15005550001', 'Nobody')
  const { delivery } = await sendToContact(world.as('ada'), { ...timeline, transport: 'sms', body: 'Hello' })
  const { errorCode, errorReason } = await world.untilStatus(delivery, 'failed')
  assert.equal(errorCode, '21211')
  assert.match(errorReason!, /number/i)
})

test('who may not, and what makes no sense, is refused before anything is written', async (t) => {
  const world = await carriageWorld(t)
  const timeline = await world.meet(CAROL, 'Carol')
  const input = { ...timeline, transport: 'sms' as const, body: 'Hello' }
  await assert.rejects(sendToContact(world.as('gus'), input), { code: 'permission_denied' })
  for (const name of ['eve', 'mallory'] as const) {
    await assert.rejects(sendToContact(world.as(name), input), { code: 'workspace_not_found' })
  }
  const elsewhere = { ...input, workspaceId: world.ids.otherWorkspace }
  await assert.rejects(sendToContact(world.as('mallory'), elsewhere), { code: 'conversation_not_found' })
  await assert.rejects(sendToContact(world.as('ada'), { ...input, body: ' ' }), { code: 'invalid_request' })
  await assert.rejects(sendToContact(world.as('ada'), { ...input, body: 'x'.repeat(1_601) }), {
    code: 'invalid_request',
  })
  await assert.rejects(sendToContact(world.as('ada'), { ...input, to: '123' }), { code: 'invalid_request' })
  await assert.rejects(sendToContact(world.as('ada'), { ...input, from: '+15005550099' }), { code: 'sender_not_found' })
  await assert.rejects(sendToContact(world.as('ada'), { ...input, conversationId: world.ids.general }), {
    code: 'conversation_not_found',
  })
  const email = { subject: 'Hi' }
  await assert.rejects(sendToContact(world.as('ada'), { ...input, transport: 'email', email }), {
    code: 'contact_has_no_address',
  })
  await updateContactDetails(world.as('ada'), { ...timeline, isDnd: true })
  await assert.rejects(sendToContact(world.as('ada'), input), { code: 'contact_dnd' })
  assert.equal((await world.messagesOf(timeline.conversationId)).length, 0)
})

test('after Twilio took it and said nothing, it is not sent again, and its report settles it', async (t) => {
  const world = await carriageWorld(t)
  const timeline = await world.meet(CAROL, 'Carol')
  world.twilio.setCallbacks({ when: 'held' })
  world.twilio.fail({ kind: 'cut', at: 'start', isAccepted: true })
  const { delivery } = await sendToContact(world.as('ada'), { ...timeline, transport: 'sms', body: 'Once' })
  await world.untilStatus(delivery, 'unknown')
  await world.twilio.releaseCallbacks()
  await world.untilStatus(delivery, 'delivered')
  assert.equal(world.twilio.messages().length, 1)
})
