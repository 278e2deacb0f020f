import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSmtpCarrier } from '../../providers/smtp/smtp-carrier.ts'
import { anEmail, startEmulatorProcess, unbroken } from './sendgrid-world.ts'

test('the mail server runs as a process, is told what to do over HTTP, and ends when it is asked to', async (t) => {
  const main = new URL('./smtp-main.ts', import.meta.url)
  const { where, order, end } = await startEmulatorProcess(t, main, ['--user', 'ada', '--password', 'secret'])
  const carrier = createSmtpCarrier({ url: where.url!.replace('//', '//ada:secret@') })
  t.after(() => carrier.close())
  await order('POST /fail', { fault: { kind: 'refuse', at: 'rcpt', code: 550 } })
  assert.equal((await carrier.handOver(anEmail(), unbroken())).outcome, 'refused')
  assert.equal((await carrier.handOver(anEmail(), unbroken())).outcome, 'accepted')
  const messages = (await order('GET /messages')) as { to: string[] }[]
  assert.deepEqual(
    messages.map(({ to }) => to),
    [['ada@example.org']],
  )
  await order('POST /drop-connections')
  assert.equal((await carrier.handOver(anEmail(), unbroken())).outcome, 'accepted')
  await carrier.close()
  assert.equal(await end(), 0)
})
