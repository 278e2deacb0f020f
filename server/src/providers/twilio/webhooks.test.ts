import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContract } from '../../testing/emulators/twilio-contracts.ts'
import { parseInbound } from './parse-inbound.ts'
import { parseStatus, readDeliveryState } from './parse-status.ts'

type Samples = Record<string, Record<string, string>>

const SID = `SM${'b'.repeat(32)}`
const NONE = new URLSearchParams()

test('an SMS is read', () => {
  const form = new URLSearchParams({
    MessageSid: SID,
    AccountSid: 'AC1',
    From: '+15558675310',
    To: '+15005550006',
    Body: 'Hello',
    NumMedia: '0',
    NumSegments: '1',
    FromCity: '',
  })
  assert.deepEqual(parseInbound(form), {
    sid: SID,
    accountSid: 'AC1',
    transport: 'sms',
    channel: 'sms',
    from: '+15558675310',
    to: '+15005550006',
    messagingServiceSid: null,
    body: 'Hello',
    media: [],
    numSegments: 1,
    messageType: null,
    profileName: null,
    waId: null,
    externalUserId: null,
    repliedToSid: null,
    button: null,
    location: null,
    isForwarded: false,
    optOutType: null,
  })
})

test('every kind of inbound message that was captured is read', async (t) => {
  const transcribed = await readContract<Samples>(t, 'twilio/samples/webhooks-transcribed.json')
  const captured = await readContract<Samples>(t, 'twilio/samples/whatsapp-webhooks.json')
  if (transcribed === undefined || captured === undefined) return
  const read = (fields: Record<string, string> | undefined) => parseInbound(new URLSearchParams(fields))!
  const mms = read(transcribed.mmsInbound)
  assert.deepEqual(
    mms.media.map(({ contentType }) => contentType),
    ['image/jpeg', 'image/png'],
  )
  assert.ok(mms.media.every(({ url }) => url.startsWith('https://api.twilio.com/2010-04-01/Accounts/AC')))
  assert.equal(read(transcribed.smsInboundStop).optOutType, 'STOP')
  assert.match(read(transcribed.smsInboundMessagingService).messagingServiceSid!, /^MG/)

  const text = read(transcribed.whatsappInboundText)
  assert.deepEqual(
    [text.transport, text.from, text.to, text.profileName, text.waId, text.messageType],
    ['whatsapp', '+15558675310', '+14155238886', 'Ann', '15558675310', 'text'],
  )
  const pressed = read(transcribed.whatsappInboundInteractive)
  assert.deepEqual(pressed.button, { text: 'Confirm', payload: 'confirm-1' })
  assert.equal(pressed.repliedToSid, `MM${'c'.repeat(32)}`)
  assert.equal(pressed.externalUserId, 'whatsapp:US.13491208655302741918')
  assert.equal(pressed.isForwarded, false)
  assert.deepEqual(read(transcribed.whatsappInboundLocation).location, {
    latitude: 37.78789,
    longitude: -122.391664,
    address: '375 Beale St',
    label: 'Office',
  })
  assert.equal(read(captured.whatsappTextReceived).body, 'hi')
  assert.deepEqual(
    [read(captured.whatsappImageReceived).body, read(captured.whatsappImageReceived).media.length],
    ['xd', 1],
  )
})

test('every status that was captured is read', async (t) => {
  const transcribed = await readContract<Samples>(t, 'twilio/samples/webhooks-transcribed.json')
  const captured = await readContract<Samples>(t, 'twilio/samples/whatsapp-webhooks.json')
  if (transcribed === undefined || captured === undefined) return
  const statuses = Object.entries({ ...transcribed, ...captured }).filter(([name]) => name.includes('Status'))
  assert.deepEqual(
    statuses.map(([name, fields]) => [name, parseStatus(new URLSearchParams(fields), NONE)?.state]),
    [
      ['smsStatusQueued', 'queued'],
      ['smsStatusSent', 'sent'],
      ['smsStatusDelivered', 'delivered'],
      ['smsStatusUndelivered', 'failed'],
      ['smsStatusFailed', 'failed'],
      ['whatsappStatusFailedOutsideWindow', 'failed'],
      ['whatsappStatusSent', 'sent'],
      ['whatsappStatusDelivered', 'delivered'],
      ['whatsappStatusRead', 'read'],
    ],
  )
})

test('a status names its message, its error and the delivery of its URL', () => {
  const form = new URLSearchParams({
    MessageSid: SID,
    MessageStatus: 'undelivered',
    ErrorCode: '30003',
    To: 'whatsapp:+15558675310',
    From: 'whatsapp:+14155238886',
    ChannelStatusMessage: 'Out of reach',
  })
  assert.deepEqual(parseStatus(form, new URLSearchParams('delivery=delivery-1')), {
    sid: SID,
    status: 'undelivered',
    state: 'failed',
    errorCode: '30003',
    errorMessage: 'Out of reach',
    advice: 'The phone was off or out of reach, or does not take messages: try again later.',
    to: '+15558675310',
    from: '+14155238886',
    deliveryId: 'delivery-1',
  })
  assert.equal(parseStatus(form, NONE)?.deliveryId, null)
  assert.equal(parseStatus(form, new URLSearchParams({ delivery: 'x'.repeat(101) }))?.deliveryId, null)
})

test('what is new is kept as it came, and never thrown', () => {
  const status = new URLSearchParams({ MessageSid: SID, MessageStatus: 'teleported', ErrorCode: '99999' })
  const report = parseStatus(status, NONE)!
  assert.deepEqual([report.status, report.state, report.errorCode], ['teleported', null, '99999'])
  assert.match(report.advice!, /error 99999/)
  assert.equal(readDeliveryState('constructor'), null)

  const inbound = new URLSearchParams({
    MessageSid: SID,
    From: 'messenger:123',
    To: 'messenger:456',
    Latitude: 'north',
  })
  inbound.append('MessageType', 'hologram')
  inbound.append('OptOutType', 'PAUSE')
  const message = parseInbound(inbound)!
  assert.deepEqual([message.transport, message.channel, message.from], [null, 'messenger', '123'])
  assert.deepEqual([message.messageType, message.optOutType, message.location], ['hologram', 'PAUSE', null])
})

test('a form that names no message is not one', () => {
  assert.equal(parseInbound(NONE), undefined)
  assert.equal(parseInbound(new URLSearchParams({ MessageSid: SID })), undefined)
  assert.equal(parseStatus(NONE, NONE), undefined)
  assert.equal(parseStatus(new URLSearchParams({ MessageSid: SID }), NONE), undefined)
})
