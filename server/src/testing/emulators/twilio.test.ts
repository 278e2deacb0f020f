import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseStatus } from '../../providers/twilio/parse-status.ts'
import { verifySignature } from '../../providers/twilio/signature.ts'
import { openReceiver, type WebhookReceiver } from '../webhook-receiver.ts'
import type { TwilioEmulator } from './twilio.ts'
import { signForm } from './twilio-callbacks.ts'
import { readContract } from './twilio-contracts.ts'
import { openTwilio } from './twilio-world.ts'

test('who does not know the token is sent away in Twilio’s words', async (t) => {
  const twilio = await openTwilio(t)
  const reply = await fetch(messagesOf(twilio), { method: 'POST', headers: { authorization: 'Basic eDp5' } })
  assert.equal(reply.status, 401)
  assert.match(reply.headers.get('www-authenticate')!, /^Basic/)
  assert.deepEqual(await reply.json(), {
    code: 20003,
    message: 'Authenticate',
    more_info: 'https://www.twilio.com/docs/errors/20003',
    status: 401,
  })
})

test('a message is made, shown as Twilio’s description has it, and found by its id', async (t) => {
  const twilio = await openTwilio(t)
  twilio.setPlan(null)
  const { status, body } = await create(twilio, { Body: 'Hello ✓' })
  assert.equal(status, 201)
  const fetched = await (await get(twilio, `/Messages/${body.sid}.json`)).json()
  assert.deepEqual(fetched, body)
  assert.deepEqual([body.status, body.body, body.direction, body.num_media], ['queued', 'Hello ✓', 'outbound-api', '0'])
  const gone = await get(twilio, `/Messages/SM${'0'.repeat(32)}.json`)
  assert.deepEqual([gone.status, ((await gone.json()) as { code: number }).code], [404, 20404])
})

test('a message has the fields of Twilio’s API description', async (t) => {
  type Described = { components: { schemas: Record<string, { properties: Record<string, { pattern?: string }> }> } }
  const api = await readContract<Described>(t, 'twilio/openapi/twilio_api_v2010.json')
  if (api === undefined) return
  const twilio = await openTwilio(t)
  const { body } = await create(twilio, {})
  const { properties } = api.components.schemas['api.v2010.account.message']!
  assert.deepEqual(Object.keys(body).toSorted(), Object.keys(properties).toSorted())
  for (const [name, { pattern }] of Object.entries(properties)) {
    if (pattern !== undefined && body[name] !== null) assert.match(String(body[name]), new RegExp(pattern))
  }
})

test('magic numbers and mistakes are refused with Twilio’s codes', async (t) => {
  const twilio = await openTwilio(t, { ownNumbers: ['+15005550006', 'whatsapp:+14155238886'] })
  const refusals: [Record<string, string>, number][] = [
    [{ To: '+15005550001' }, 21211],
    [{ To: '+15005550002' }, 21612],
    [{ To: '+15005550003' }, 21408],
    [{ To: '+15005550004' }, 21610],
    [{ To: '+15005550009' }, 21614],
    [{ From: '+15005550001' }, 21212],
    [{ From: '+15005550007' }, 21606],
    [{ From: '+15005550008' }, 21611],
    [{ From: '+15005550000' }, 21606],
    [{ To: 'nobody' }, 21211],
    [{ To: '' }, 21604],
    [{ From: '' }, 21603],
    [{ Body: '' }, 21619],
    [{ Body: 'x'.repeat(1_601) }, 21617],
    [{ MediaUrl: 'nonsense' }, 21620],
    [{ StatusCallback: 'nonsense' }, 21609],
    [{ To: 'whatsapp:+15558675310' }, 21910],
    [{ To: 'whatsapp:+15558675310', From: 'whatsapp:+14155238887' }, 63007],
  ]
  for (const [fields, code] of refusals) {
    const { status, body } = await create(twilio, fields)
    assert.deepEqual([status, body.code, body.status], [400, code, 400], JSON.stringify(fields))
  }
  assert.equal(twilio.messages().length, 0)
})

test('lists are filtered, newest first, and paged', async (t) => {
  const twilio = await openTwilio(t)
  for (let i = 0; i < 5; i++) await create(twilio, { Body: `number ${i}` })
  await create(twilio, { To: '+15558675311' })
  const seen: string[] = []
  let path: string | null = `/Messages.json?To=%2B15558675310&DateSent%3E=2020-01-01&PageSize=2`
  for (let page = 0; path !== null; page++) {
    type Page = { messages: { body: string }[]; next_page_uri: string | null; page: number }
    const answer = (await (await get(twilio, path)).json()) as Page
    assert.equal(answer.page, page)
    seen.push(...answer.messages.map(({ body }) => body))
    path = answer.next_page_uri?.replace(/^.*(?=\/Messages\.json)/, '') ?? null
  }
  assert.deepEqual(
    seen,
    [4, 3, 2, 1, 0].map((i) => `number ${i}`),
  )
  const later = await (await get(twilio, '/Messages.json?DateSent%3E=2999-01-01')).json()
  assert.deepEqual((later as { messages: unknown[] }).messages, [])
})

test('only the newest messages are kept', async (t) => {
  const twilio = await openTwilio(t, { messagesMax: 3 })
  for (let i = 0; i < 5; i++) await create(twilio, { Body: `number ${i}` })
  assert.deepEqual(
    twilio.messages().map(({ body }) => body),
    ['number 2', 'number 3', 'number 4'],
  )
})

test('callbacks are signed and tell the way of a message, with a receipt of reading on WhatsApp only', async (t) => {
  const twilio = await openTwilio(t)
  const ours = await openReceiver(t)
  const { body: sms } = await create(twilio, { StatusCallback: `${ours.url}?delivery=d1#rc=5&rp=ct,rt,5xx` })
  await twilio.untilQuiet()
  const whatsapp = { To: 'whatsapp:+15558675310', From: 'whatsapp:+14155238886' }
  await create(twilio, { ...whatsapp, StatusCallback: `${ours.url}?delivery=d2` })
  await twilio.untilQuiet()
  assert.deepEqual(statusesOf(ours), [
    ['d1', 'queued'],
    ['d1', 'sent'],
    ['d1', 'delivered'],
    ['d2', 'queued'],
    ['d2', 'sent'],
    ['d2', 'delivered'],
    ['d2', 'read'],
  ])
  assert.ok(ours.received.every((_, i) => isSigned(twilio, ours, i)))
  assert.equal(twilio.messages().find(({ sid }) => sid === sms.sid)?.status, 'delivered')
})

test('callbacks come twice, reversed, with a wrong signature or none, as they are told', async (t) => {
  const twilio = await openTwilio(t)
  const ours = await openReceiver(t)
  const play = async (style: Parameters<TwilioEmulator['setCallbacks']>[0]) => {
    ours.received.splice(0)
    twilio.setCallbacks(style)
    await create(twilio, { StatusCallback: ours.url })
    await twilio.untilQuiet()
    return statusesOf(ours).map(([, status]) => status)
  }
  assert.deepEqual(await play({ copies: 2 }), ['queued', 'queued', 'sent', 'sent', 'delivered', 'delivered'])
  assert.deepEqual(await play({ order: 'reversed' }), ['delivered', 'sent', 'queued'])
  assert.equal(twilio.messages().at(-1)?.status, 'delivered')
  await play({ signature: 'wrong' })
  assert.equal(isSigned(twilio, ours, 0), false)
  await play({ signature: 'missing' })
  assert.equal(ours.received[0]!.headers['x-twilio-signature'], undefined)
  await play({ delayMs: 1 })
  assert.equal(ours.received.length, 3)
})

test('callbacks can come before the answer, or be held until they are let go', async (t) => {
  const twilio = await openTwilio(t)
  const ours = await openReceiver(t)
  twilio.setCallbacks({ when: 'before_answer' })
  const { body } = await create(twilio, { StatusCallback: ours.url })
  assert.equal(ours.received.length, 3)
  assert.equal(body.status, 'queued')
  twilio.setCallbacks({ when: 'held' })
  await create(twilio, { StatusCallback: ours.url })
  assert.equal(ours.received.length, 3)
  await twilio.releaseCallbacks()
  assert.equal(ours.received.length, 6)
})

test('a message can fail on its way, and can be moved by hand', async (t) => {
  const twilio = await openTwilio(t)
  const ours = await openReceiver(t)
  twilio.setPlan({ statuses: ['sent', 'undelivered'], errorCode: 30003 })
  await create(twilio, { StatusCallback: ours.url })
  await twilio.untilQuiet()
  const last = parseStatus(new URLSearchParams(ours.received.at(-1)!.body), new URLSearchParams())
  assert.deepEqual([last?.status, last?.errorCode], ['undelivered', '30003'])
  twilio.setPlan(null)
  const { body } = await create(twilio, { StatusCallback: ours.url })
  assert.equal(ours.received.length, 2)
  assert.equal(await twilio.report(String(body.sid), 'failed', 30008), true)
  assert.equal(ours.received.length, 3)
  assert.equal(await twilio.report(`SM${'0'.repeat(32)}`, 'sent'), false)
})

test('a callback that we refuse is not posted again', async (t) => {
  const twilio = await openTwilio(t)
  const ours = await openReceiver(t)
  ours.answer(503)
  twilio.setPlan({ statuses: ['sent'] })
  await create(twilio, { StatusCallback: `${ours.url}#rc=5&rp=5xx` })
  await twilio.untilQuiet()
  assert.equal(ours.received.length, 1)
  assert.equal(twilio.callbacks[0]?.status, 503)
})

test('what a person writes comes to the webhook of its channel, signed', async (t) => {
  const ours = await openReceiver(t)
  const twilio = await openTwilio(t, { smsUrl: ours.url, whatsappUrl: `${ours.url}/whatsapp` })
  ours.answer((reply) => void reply.end('<Response/>'))
  const sms = await twilio.receive({ from: '+15558675310', to: '+15005550006', body: 'Hi' })
  assert.deepEqual([sms.webhook?.status, sms.webhook?.body], [200, '<Response/>'])
  const whatsapp = { from: 'whatsapp:+15558675310', to: 'whatsapp:+14155238886' }
  await twilio.receive({ ...whatsapp, body: 'Confirm', button: { text: 'Confirm', payload: 'c' }, profileName: 'Ann' })
  assert.deepEqual(
    ours.received.map(({ path }) => path),
    ['/hook', '/hook/whatsapp'],
  )
  assert.ok(isSigned(twilio, ours, 0) && isSigned(twilio, ours, 1))
})

test('an inbound SMS has the fields of a captured one', async (t) => {
  type Samples = Record<string, Record<string, string>>
  const contract = await readContract<Samples>(t, 'twilio/samples/webhooks-transcribed.json')
  if (contract === undefined) return
  const ours = await openReceiver(t)
  const twilio = await openTwilio(t, { smsUrl: ours.url })
  await twilio.receive({ from: '+15558675310', to: '+15005550006', body: 'Hi' })
  const names = [...new URLSearchParams(ours.received[0]!.body).keys()].toSorted()
  assert.deepEqual(names, Object.keys(contract.smsInbound!).toSorted())
})

test('who has said STOP cannot be written to until they say START', async (t) => {
  const twilio = await openTwilio(t)
  const pair = { from: '+15558675310', to: '+15005550006' }
  await twilio.receive({ ...pair, body: ' stop ' })
  assert.equal((await create(twilio, {})).body.code, 21610)
  await twilio.receive({ ...pair, body: 'START' })
  assert.equal((await create(twilio, {})).status, 201)
})

test('faults last as often as they are told', async (t) => {
  const twilio = await openTwilio(t)
  twilio.fail({ kind: 'rate_limited', retryAfter: '1' }, { times: 2 })
  const statuses = []
  for (let i = 0; i < 3; i++) statuses.push((await create(twilio, {})).status)
  assert.deepEqual(statuses, [429, 429, 201])
})

test('it signs as Twilio’s SDKs expect', async (t) => {
  type Vector = { url: string; params?: [string, string][]; signature: string; authToken: string; name: string }
  const contract = await readContract<{ vectors: Vector[] }>(t, 'twilio/samples/signature-vectors.json')
  const vector = contract?.vectors.find(({ name }) => name === 'form params')
  if (vector === undefined) return
  assert.equal(signForm(vector.authToken, vector.url, vector.params!), vector.signature)
})

type Created = { status: number; body: Record<string, unknown> }

async function create(twilio: TwilioEmulator, fields: Record<string, string>): Promise<Created> {
  const body = new URLSearchParams({ To: '+15558675310', From: '+15005550006', Body: 'Hello', ...fields })
  const reply = await fetch(messagesOf(twilio), { method: 'POST', headers: authorize(twilio), body })
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
}

function get(twilio: TwilioEmulator, path: string): Promise<Response> {
  return fetch(messagesOf(twilio).replace('/Messages.json', path), { headers: authorize(twilio) })
}

function messagesOf({ url, accountSid }: TwilioEmulator): string {
  return `${url}/2010-04-01/Accounts/${accountSid}/Messages.json`
}

function authorize({ accountSid, authToken }: TwilioEmulator): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` }
}

function statusesOf(ours: WebhookReceiver): [string | null, string | null][] {
  return ours.received.map(({ path, body }) => {
    const query = new URL(path, ours.url).searchParams
    return [query.get('delivery'), new URLSearchParams(body).get('MessageStatus')]
  })
}

function isSigned({ authToken }: TwilioEmulator, ours: WebhookReceiver, index: number): boolean {
  const { path, headers, body } = ours.received[index]!
  const url = new URL(path, ours.url).href
  const signature = String(headers['x-twilio-signature'])
  return verifySignature({ authToken, signature, url, body: { form: new URLSearchParams(body) } })
}
