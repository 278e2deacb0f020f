import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CONFIG } from './config.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const run = promisify(execFile)

async function parlance(args: string[], env: Record<string, string> = {}) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLANCE_'))
  const options = { env: { ...Object.fromEntries(inherited), ...env } }
  return run(process.execPath, [MAIN, ...args], options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

test('config prints every setting, and no secret', async () => {
  const secret = 'a secret of thirty-two characters!'
  const { code, stdout } = await parlance(['config'], { PARLANCE_SECRET: secret, PARLANCE_PORT: '4000' })
  assert.equal(code, 0)
  for (const { variable } of Object.values(CONFIG)) assert.match(stdout, new RegExp(`^${variable}=`, 'm'))
  assert.match(stdout, /^PARLANCE_PORT=4000$/m)
  assert.match(stdout, /^PARLANCE_HOST=127\.0\.0\.1 {2}\(default\)$/m)
  assert.doesNotMatch(stdout, new RegExp(secret))
})

test('config names a variable that does not exist', async () => {
  const { stdout } = await parlance(['config', '--json'], { PARLANCE_PROT: '4000' })
  assert.deepEqual(JSON.parse(stdout).unknown, ['PARLANCE_PROT'])
})

test('a wrong value is refused with its name, in one line', async () => {
  const { code, stderr } = await parlance(['start'], { PARLANCE_PORT: 'http' })
  assert.equal(code, 1)
  assert.equal(stderr, 'PARLANCE_PORT must be a whole number from 0 to 65535, not "http".\n')
})

test('serve refuses what is not safe in production, and says what to set', async () => {
  const { code, stderr } = await parlance(['serve'])
  assert.equal(code, 1)
  assert.match(stderr, /^PARLANCE_DATABASE_URL is not set: .+\n$/)
  const settings = { PARLANCE_DATABASE_URL: 'postgres://parlance@127.0.0.1:1/parlance' }
  const withoutSecret = await parlance(['serve'], settings)
  assert.match(withoutSecret.stderr, /^PARLANCE_SECRET is not set: .+\n$/)
})

test('an unknown command is refused with the list of commands', async () => {
  const { code, stdout, stderr } = await parlance(['dance'])
  assert.equal(code, 2)
  assert.match(stderr, /There is no command dance/)
  assert.match(stdout, /parlance serve/)
})
