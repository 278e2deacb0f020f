import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { findContactByAddress } from '../core/addresses/queries.ts'
import { findContactConversation } from '../core/contact-conversations/queries.ts'
import { sendToContact } from '../core/deliveries/send-to-contact.ts'
import { readFile } from '../core/files/read-file.ts'
import { replayInboundWebhooks } from '../core/inbound-webhooks/replay-inbound-webhooks.ts'
import { type CarriageWorld, carriageWorld, EMAIL_FROM, INBOUND_TOKEN } from '../testing/carriage-world.ts'
import { until } from '../testing/client-world.ts'

const CAROL = 'carol@example.org'

/** The timeline of whoever writes from an address, once so many messages are in it. */
async function timelineOf(world: CarriageWorld, address: string, count: number) {
  const { workspace: workspaceId } = world.ids
  return until(`${count} messages are there`, async () => {
    const contact = await findContactByAddress(world.system.db, { workspaceId, kind: 'email', value: address })
    const opened = contact && (await findContactConversation(world.system.db, { workspaceId, contactId: contact.id }))
    const messages = opened ? await world.messagesOf(opened.conversation.id) : []
    return messages.length === count && { contact: contact!, opened: opened!, messages }
  })
}

test('an email is answered in its thread, and followed until it is read', async (t) => {
  const world = await carriageWorld(t)
  const posted = await world.sendgrid.receive({
    from: 'Carol Müller <Carol@Example.org>',
    to: EMAIL_FROM,
    subject: 'Grüße, und eine Frage',
    text: 'Habt ihr offen?',
    html: '<p>Habt ihr <b>offen</b>?</p><script>alert(1)</script>',
    messageId: 'first@example.org',
    charsets: { text: 'iso-8859-1' },
  })
  assert.equal(posted.status, 200)
  const { contact, opened, messages } = await timelineOf(world, CAROL, 1)
  assert.deepEqual([contact.name, messages[0]!.body.trim()], ['Carol Müller', 'Habt ihr offen?'])
  assert.equal(messages[0]!.metadata!.subject, 'Grüße, und eine Frage')
  const kept = await world.system.db.selectFrom('emailBodies').selectAll().execute()
  assert.deepEqual(
    kept.map(({ messageId }) => messageId),
    [messages[0]!.id],
  )
  assert.match(kept[0]!.html, /<script>/, 'kept as it came')

  world.sendgrid.setPlan(['processed', 'delivered', 'open'])
  const { delivery } = await sendToContact(world.as('bob'), {
    workspaceId: world.ids.workspace,
    conversationId: opened.conversation.id,
    transport: 'email',
    body: 'Bis acht.',
    email: { subject: 'Re: Grüße, und eine Frage', fromName: 'Acme', cc: ['dan@example.org'] },
  })
  await world.untilStatus(delivery, 'read')
  const [sent] = world.sendgrid.sent()
  const headers = sent!.body.headers as Record<string, string>
  assert.match(headers['In-Reply-To']!, /first@example\.org/)
  assert.match(headers.References!, /first@example\.org/)
  assert.deepEqual(sent!.customArgs.delivery, delivery.id)
  const other = { subject: 'Something else' }
  const next = await sendToContact(world.as('bob'), {
    workspaceId: world.ids.workspace,
    conversationId: opened.conversation.id,
    transport: 'email',
    body: 'By the way.',
    email: other,
  })
  assert.equal(next.delivery.email!.inReplyTo, null, 'another subject is another thread')
})

test('what becomes of a copy says nothing of the email itself; a bounce says what to do', async (t) => {
  const world = await carriageWorld(t)
  const timeline = await world.meet(CAROL, 'Carol')
  const { delivery } = await sendToContact(world.as('ada'), {
    ...timeline,
    transport: 'email',
    body: 'Hello',
    email: { subject: 'Hello', cc: ['dan@example.org'] },
  })
  await world.untilStatus(delivery, 'sent')
  const [mail] = world.sendgrid.sent()
  const bounce = { event: 'bounce', reason: '550 5.1.1 No such user', status: '5.1.1', type: 'bounce', timestamp: 1 }
  const about = (email: string) => ({
    ...bounce,
    email,
    delivery: delivery.id,
    sg_event_id: email,
    sg_message_id: `${mail!.id}.x`,
  })
  await world.sendgrid.postEvents([about('dan@example.org')])
  await until('it is applied', async () => (await world.untilApplied())['sendgrid.events']?.length === 1)
  assert.equal((await world.find(delivery)).status, 'sent')
  await world.sendgrid.postEvents([about(CAROL)], { times: 3 })
  const { errorCode, errorReason } = await world.untilStatus(delivery, 'failed')
  assert.deepEqual([errorCode, errorReason!.includes('correct it')], ['5.1.1', true])
  assert.equal((await world.untilApplied())['sendgrid.events']!.length, 2, 'a repeat is stored once')
})

test('events that are not signed, and emails to another address, are refused', async (t) => {
  const world = await carriageWorld(t)
  for (const signature of ['wrong', 'none'] as const) {
    const [posted] = await world.sendgrid.postEvents([{ event: 'open', email: CAROL }], { signature })
    assert.equal(posted!.status, 403)
  }
  const email = { from: CAROL, to: EMAIL_FROM, subject: 'Hi', text: 'Hi' }
  for (const token of ['guessed', `${INBOUND_TOKEN}x`, encodeURIComponent('ÿ')]) {
    const posted = await world.sendgrid.receive(email, `${world.url}/api/v1/webhooks/twilio/email/${token}`)
    assert.equal(posted.status, 403, token)
  }
  assert.deepEqual(await world.untilApplied(), {})
})

test('attachments are kept as files, an email that is brought again is the same one, one for nobody is left', async (t) => {
  const world = await carriageWorld(t)
  const email = {
    from: CAROL,
    to: EMAIL_FROM,
    subject: 'The plan',
    text: 'See the plan.',
    messageId: 'plan@example.org',
    files: [{ name: 'plan.txt', contentType: 'text/plain', content: Buffer.from('Plan ✓').toString('base64') }],
  }
  await world.sendgrid.receive(email)
  const { messages } = await timelineOf(world, CAROL, 1)
  const [attachment] = messages[0]!.attachments
  assert.deepEqual([attachment!.name, attachment!.contentType, attachment!.sizeBytes], ['plan.txt', 'text/plain', 8])
  const opened = await readFile(world.system, { fileId: attachment!.fileId })
  assert.equal(await text(await opened.read()), 'Plan ✓')
  await world.sendgrid.receive({ ...email, text: 'See the plan, again.' })
  await replayInboundWebhooks(world.system, { kind: 'sendgrid.inbound' })
  await world.sendgrid.receive({ ...email, to: 'nobody@acme.example', messageId: 'other@example.org' })
  const applied = await world.untilApplied()
  assert.deepEqual(applied['sendgrid.inbound']!.sort(), ['applied', 'applied', 'ignored'])
  const kept = await world.system.db.selectFrom('inboundWebhooks').select('url').execute()
  assert.ok(
    kept.every(({ url }) => !url.includes(INBOUND_TOKEN)),
    'the secret of the address is not kept',
  )
  await timelineOf(world, CAROL, 1)
})
