import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { makeFirstTeam, SMS_FROM, startWithCarriers, WHATSAPP_FROM } from './carriers.ts'
import { data } from './team.ts'

// What providers' public documentation and captures show them to send, posted to the real endpoints.

const FOLDER = process.env.PARLANCE_CONTRACTS
const skip = FOLDER ? false : 'PARLANCE_CONTRACTS does not say where the providers’ contracts are'

const read = (path: string) => readFile(join(FOLDER!, path))
const readJson = async (path: string) => JSON.parse((await read(path)).toString('utf8'))

const carriers = skip ? undefined : await startWithCarriers()

/** Ours, so that what they say is for somebody. */
function addressed(fields: Record<string, unknown>): Record<string, string> {
  const texts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  if (texts.SmsStatus !== 'received' || texts.To === undefined) return texts
  return { ...texts, To: texts.To.startsWith('whatsapp:') ? `whatsapp:${WHATSAPP_FROM}` : SMS_FROM }
}

async function postForm(path: string, fields: Record<string, string>): Promise<number> {
  const { server, twilio } = carriers!
  const url = `${server.url}/api/v1/webhooks/twilio${path}`
  const names = Object.keys(fields).sort()
  const signed = `${url}${names.map((name) => `${name}${fields[name]}`).join('')}`
  const signature = createHmac('sha1', twilio.authToken).update(signed).digest('base64')
  const headers = { 'x-twilio-signature': signature }
  const reply = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) })
  await reply.text()
  return reply.status
}

async function listForms(): Promise<{ path: string; fields: Record<string, string> }[]> {
  const captured = await readJson('twilio/samples/whatsapp-webhooks.json')
  const transcribed = await readJson('twilio/samples/webhooks-transcribed.json')
  const samples = [...Object.values(captured), ...Object.values(transcribed)]
  return samples
    .filter((sample): sample is Record<string, unknown> => typeof sample === 'object' && sample !== null)
    .map((sample) => {
      const fields = addressed(sample)
      const isWhatsapp = [fields.From, fields.To].some((address) => address?.startsWith('whatsapp:'))
      const isStatus = fields.MessageStatus !== undefined
      return { path: `/${isWhatsapp ? 'whatsapp' : 'sms'}${isStatus ? '/status' : ''}`, fields }
    })
}

test('every sample is taken, none gives a 5xx, and a second time changes nothing', { skip }, async () => {
  const team = await makeFirstTeam(carriers!)
  const { sendgrid, server } = carriers!
  const forms = await listForms()
  assert.ok(forms.length > 10)
  const eventFiles = ['anymail-events', 'sendgrid-docs-all-event-types', 'sendgrid-docs-examples']
  const events = (await Promise.all(eventFiles.map((name) => readJson(`sendgrid/events/${name}.json`)))).flatMap(
    (file) => (Array.isArray(file) ? file : Object.values(file)),
  )
  const mails = [
    await read('sendgrid/inbound-parse/anymail-charsets.multipart.bin'),
    ...(await Promise.all(
      ['default_data', 'raw_data', 'raw_data_with_attachments'].map(async (name) => {
        const text = (await read(`sendgrid/inbound-parse/sendgrid-python-${name}.multipart.txt`)).toString('latin1')
        return Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'latin1')
      }),
    )),
  ]
  const state = async () => {
    const shown = await data(200, team.bob.get('/conversations?pageSize=100'))
    const messages = await Promise.all(
      shown.data.map(({ id }: { id: string }) => data(200, team.bob.get(`/conversations/${id}/messages`))),
    )
    return { shown, messages }
  }
  const statuses = async () => {
    const { code, out } = await server.command(['webhooks', 'list', '--limit', '1000', '--json'])
    assert.equal(code, 0)
    return JSON.parse(out).data.map(({ status }: { status: string }) => status) as string[]
  }
  const postAll = async () => {
    for (const { path, fields } of forms) assert.equal(await postForm(path, fields), 200, JSON.stringify(fields))
    for (const event of events) {
      const [posted] = await sendgrid.postEvents(Array.isArray(event) ? event : [event])
      assert.equal(posted!.status, 200, JSON.stringify(event))
    }
    for (const body of mails) {
      const headers = { 'content-type': 'multipart/form-data; boundary=xYzZY' }
      const url = `${server.url}/api/v1/webhooks/twilio/email/a-token-that-nobody-guesses`
      assert.equal((await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })).status, 200)
    }
    await eventually(async () => {
      assert.ok(!(await statuses()).includes('pending'))
    })
  }
  await postAll()
  const first = await state()
  assert.ok(first.shown.meta.total > 0, 'somebody wrote to us')
  await postAll()
  assert.deepEqual(await state(), first)
  assert.equal((await server.command(['webhooks', 'replay', '--since', '1h'])).code, 0)
  await eventually(async () => assert.ok(!(await statuses()).includes('pending')))
  assert.deepEqual(await state(), first)
  assert.ok(!(await statuses()).includes('failed'))
})
