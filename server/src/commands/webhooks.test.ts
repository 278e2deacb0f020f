import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inboundWebhookWorld } from '../testing/inbound-webhook-world.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const run = promisify(execFile)

async function parlance(databaseUrl: string, args: string[]) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLANCE_'))
  const options = { env: { ...Object.fromEntries(inherited), PARLANCE_DATABASE_URL: databaseUrl } }
  return run(process.execPath, [MAIN, 'webhooks', ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

test('what failed is listed with its reason, and applied by the running server once it is replayed', async (t) => {
  const world = await inboundWebhookWorld(t)
  const command = async (...args: string[]) => {
    const { code, stdout, stderr } = await parlance(world.databaseUrl, args)
    assert.equal(code, 0, stderr)
    return stdout.trim()
  }
  assert.equal(await command('list'), 'There is none.')
  await world.store('SM1', {
    kind: 'twilio.status',
    body: Buffer.from('secret'),
    url: 'https://parlance.test/in?token=secret',
  })
  await world.store('SM2', { kind: 'twilio.message' })
  const { kysely } = world.runtime.core.database
  const failed = { status: 'failed', attemptCount: 12, error: 'Error: none' }
  await kysely.updateTable('inboundWebhooks').set(failed).where('key', '=', 'SM1').execute()
  const { id, receivedAt } = await world.read('SM1')
  const text = await command('list', '--failed', '--since', '1h')
  assert.equal(text, `${id}  ${receivedAt}  failed   twilio.status     SM1\n    after 12 attempts: Error: none`)
  const { data } = JSON.parse(await command('list', '--kind', 'twilio.status', '--json'))
  const { due_at, ...shown } = data[0]
  assert.deepEqual([data.length, due_at], [1, null])
  assert.deepEqual(shown, {
    id,
    kind: 'twilio.status',
    key: 'SM1',
    status: 'failed',
    attempts: 12,
    error: 'Error: none',
    body_bytes: 6,
    received_at: receivedAt,
    applied_at: null,
  })
  assert.equal((await command('list', '--limit', '1')).split('\n').length, 1)

  world.startApplying({ 'twilio.status': async () => 'applied', 'twilio.message': async () => 'applied' })
  await world.untilStatus('SM2', 'applied')
  const replayed = '1 is applied again, by the servers that run, or the next one to start.'
  assert.equal(await command('replay', '--failed'), replayed)
  await world.untilStatus('SM1', 'applied')
  assert.equal(await command('replay', '--failed'), 'There is none to apply again.')
  assert.deepEqual(JSON.parse(await command('replay', '--kind', 'twilio.status', '--json')), { replayed: 1 })
  assert.equal(await command('replay', '--id', id), replayed)
})

test('wrong words are one sentence and exit code 2, before the database is asked', async () => {
  const cases: [string[], RegExp][] = [
    [[], /^Say what to do: list, replay\.$/],
    [['dance'], /^There is no action "dance" of webhooks: .*\.$/],
    [['list', '--id', 'x'], /^Unknown option '--id': see `parlance webhooks help`\.$/],
    [['list', 'more'], /^"more" is one word too many: .*\.$/],
    [['list', '--limit', '0'], /^--limit must be a number from 1 to 1000, not "0"\.$/],
    [['list', '--since', 'soon'], /^--since must be a time such as 2h, .*"soon"\.$/],
    [['replay'], /^Say which: --id, --kind, --since or --failed\.$/],
    [['replay', '--id', 'x'], /^--id must be an id that `list` shows, not "x"\.$/],
    [['replay', '--id', 'x', '--failed'], /^--id names one: leave the other flags out\.$/],
  ]
  for (const [args, sentence] of cases) {
    // Nothing listens there.
    const { code, stdout, stderr } = await parlance('postgres://parlance@127.0.0.1:1/parlance', args)
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.match(stderr.trim(), sentence)
  }
})
