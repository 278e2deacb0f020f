import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { createTwilioCarrier } from '../../providers/twilio/carrier.ts'
import { openReceiver } from '../webhook-receiver.ts'
import { aMessage, unbroken } from './twilio-world.ts'

const MAIN = new URL('./twilio-main.ts', import.meta.url)
const OPTIONS = ['--port', '0', '--account-sid', `AC${'1'.repeat(32)}`, '--auth-token', 'secret']

type Where = { url: string; control: string; accountSid: string; authToken: string }

test('the emulator runs as a process, is told what to do over HTTP, and ends when it is asked to', async (t) => {
  const { where, end } = await startProcess(t)
  const carrier = createTwilioCarrier({ baseUrl: where.url, ...where })
  t.after(() => carrier.close())
  const order = (name: string, body: object = {}) => control(where, `POST ${name}`, body)
  const ours = await openReceiver(t)

  await order('/fail', { fault: { kind: 'server_error', status: 503 }, times: 1 })
  assert.equal((await carrier.handOver(aMessage(), unbroken())).outcome, 'unknown')
  await order('/set-plan', { plan: { statuses: ['sent'] } })
  const handover = await carrier.handOver(aMessage({ statusUrl: ours.url }), unbroken())
  assert.equal(handover.outcome, 'accepted')
  await order('/until-quiet')
  assert.equal(ours.received.length, 1)

  await order('/set-webhooks', { smsUrl: ours.url })
  const media = [{ contentType: 'image/png', base64: 'iVBORw==' }]
  await order('/receive', { from: '+15558675310', to: '+15005550006', body: 'Hi', media })
  assert.equal(new URLSearchParams(ours.received[1]!.body).get('NumMedia'), '1')
  const messages = (await control(where, 'GET /messages')) as { body: string }[]
  assert.deepEqual(
    messages.map(({ body }) => body),
    ['Hello ✓', 'Hi'],
  )

  await order('/go-down')
  assert.equal((await carrier.handOver(aMessage(), unbroken())).outcome, 'refused')
  await order('/come-up')
  assert.equal((await carrier.handOver(aMessage(), unbroken())).outcome, 'accepted')
  await end()
})

async function control({ control }: Where, key: string, body?: object): Promise<unknown> {
  const [method, path] = key.split(' ')
  const reply = await fetch(`${control}${path}`, { method, body: body && JSON.stringify(body) })
  assert.equal(reply.status, 200, await reply.clone().text())
  return reply.json()
}

async function startProcess(t: TestContext): Promise<{ where: Where; end(): Promise<void> }> {
  const child = fork(MAIN, OPTIONS, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  t.after(() => child.kill('SIGKILL'))
  const errors = text(child.stderr!)
  const exited = once(child, 'exit')
  const line = once(createInterface(child.stdout!), 'line').then(([first]) => String(first))
  const said = await Promise.race([line, exited.then(async () => assert.fail(await errors))])
  return {
    where: JSON.parse(said) as Where,
    async end() {
      child.kill('SIGTERM')
      child.disconnect()
      const [code] = (await exited) as [number | null]
      assert.equal(code, 0, await errors)
    },
  }
}
