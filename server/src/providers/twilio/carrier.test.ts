import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outgoing } from '../../core/deliveries/carrier.ts'
import { readContract } from '../../testing/emulators/twilio-contracts.ts'
import { aFile, aMessage, openCarrier, openTwilio, unbroken } from '../../testing/emulators/twilio-world.ts'

type Sample = {
  name: string
  method: string
  url: string
  headers: Record<string, string>
  form: Record<string, unknown>
}

const A_SERVICE = `MG${'a'.repeat(32)}`
/** The messages that the recorded requests of the SDK send, by the name of the recording. */
const RECORDED: Record<string, Partial<Outgoing>> = {
  sms: { from: '+15005550006', body: 'Hello ✓' },
  'sms via messaging service, validity, smart encoded': { from: A_SERVICE, body: 'Hi' },
  'mms two media': {
    body: 'pics',
    files: [aFile('https://example.com/a.jpg'), aFile('https://example.com/b.jpg')],
  },
  'whatsapp text': { transport: 'whatsapp', from: '+14155238886', body: 'Hello' },
  'whatsapp media': {
    transport: 'whatsapp',
    from: 'whatsapp:+14155238886',
    body: '',
    files: [aFile('https://example.com/a.pdf')],
  },
}
/** What the recordings have and we never send; the status URL has a test of its own. */
const NOT_OURS = ['ValidityPeriod', 'SmartEncoded', 'StatusCallback']

test('requests are those of Twilio’s own SDK', async (t) => {
  const samples = await readContract<{ requests: Sample[] }>(t, 'twilio/samples/sdk-requests.json')
  if (samples === undefined) return
  const accountSid = `AC${'a'.repeat(32)}`
  const twilio = await openTwilio(t, { accountSid })
  const carrier = openCarrier(t, twilio)
  for (const [name, message] of Object.entries(RECORDED)) {
    const sample: Sample = samples.requests.find((request) => request.name === name)!
    assert.equal((await carrier.handOver(aMessage(message), unbroken())).outcome, 'accepted', name)
    const sent = twilio.requests.at(-1)!
    assert.equal(sent.method, sample.method)
    assert.equal(sent.path, new URL(sample.url).pathname)
    assert.deepEqual(sorted(sent.form), sorted(fieldsOf(sample.form)), name)
    for (const [header, value] of Object.entries(sample.headers))
      assert.equal(sent.headers[header.toLowerCase()], value)
    const credentials = Buffer.from(String(sent.headers.authorization).replace('Basic ', ''), 'base64').toString()
    assert.equal(credentials, `${accountSid}:${twilio.authToken}`)
  }
})

test('every field and every query that we send is one of Twilio’s API description', async (t) => {
  const api = await readContract<ApiDescription>(t, 'twilio/openapi/twilio_api_v2010.json')
  if (api === undefined) return
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const statusUrl = 'https://parlance.test/status'
  for (const message of Object.values(RECORDED)) await carrier.handOver(aMessage({ ...message, statusUrl }), unbroken())
  await carrier.find(aMessage(), new Date().toISOString(), unbroken())

  const { post, get } = api.paths['/2010-04-01/Accounts/{AccountSid}/Messages.json']!
  const fields = Object.keys(post.requestBody.content['application/x-www-form-urlencoded'].schema.properties)
  const queries = get.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
  const sentFields = new Set(twilio.requests.flatMap(({ form }) => form.map(([name]) => name)))
  const sentQueries = new Set(twilio.requests.flatMap(({ query }) => query.map(([name]) => name)))
  assert.deepEqual(
    [...sentFields].filter((name) => !fields.includes(name)),
    [],
  )
  assert.deepEqual(
    [...sentQueries].filter((name) => !queries.includes(name)),
    [],
  )
  assert.ok(sentFields.size >= 6 && sentQueries.size >= 4)
})

test('the status URL names the delivery and asks Twilio to come again', async (t) => {
  const twilio = await openTwilio(t)
  twilio.setPlan(null)
  const statusUrl = 'https://parlance.test/api/v1/webhooks/twilio/sms?of=inbox'
  await openCarrier(t, twilio).handOver(aMessage({ statusUrl, deliveryId: '0190-ü&' }), unbroken())
  const sent = new Map(twilio.requests[0]!.form).get('StatusCallback')
  assert.equal(sent, `${statusUrl}&delivery=0190-%C3%BC%26#rc=5&rp=ct,rt,5xx`)
})

test('a message that Twilio cannot carry is refused for good, and never leaves', async (t) => {
  const twilio = await openTwilio(t)
  const carrier = openCarrier(t, twilio)
  const two = [aFile('https://example.com/a.jpg'), aFile('https://example.com/b.jpg')]
  const refused: [Partial<Outgoing>, string][] = [
    [{ transport: 'whatsapp', files: two }, 'too_many_files'],
    [{ files: Array.from({ length: 11 }, () => two[0]!) }, 'too_many_files'],
    [{ body: '' }, 'message_empty'],
    [{ transport: 'email' }, 'transport_not_carried'],
  ]
  for (const [message, code] of refused) {
    const handover = await carrier.handOver(aMessage(message), unbroken())
    assert.ok(handover.outcome === 'refused' && handover.isFinal)
    assert.equal(handover.code, code)
  }
  assert.equal(twilio.requests.length, 0)
})

type ApiDescription = {
  paths: Record<
    string,
    {
      get: { parameters: { name: string; in: string }[] }
      post: {
        requestBody: { content: { 'application/x-www-form-urlencoded': { schema: { properties: object } } } }
      }
    }
  >
}

function fieldsOf(form: Record<string, unknown>): [string, string][] {
  return Object.entries(form)
    .filter(([name]) => !NOT_OURS.includes(name))
    .flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]))
}

/** By name; values of one name keep their order. */
function sorted(fields: [string, string][]): [string, string][] {
  return fields.toSorted(([a], [b]) => a.localeCompare(b))
}
