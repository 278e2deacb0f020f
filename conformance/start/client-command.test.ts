import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findPostmaster } from '../../server/src/platform/embedded-postgres/postmaster.ts'
import { makeTestFolder } from '../../server/src/testing/postgres-holder.ts'
import { createServerProcess } from '../harness/server-process.ts'

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))
const ALERTS = new URL('../../docs/alerts.yaml', import.meta.url)
const run = promisify(execFile)

test('clients are made beside a server that runs on the data folder, and after it has ended', async (t) => {
  const server = await startServer(t)
  const made = await client(server.dataDir, ['create', '--name', 'Acme', '--domain', 'acme.example'])
  assert.match(made.token, /^sk_live_/)
  // The command left the server's PostgreSQL alone.
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
  await server.stop()
  const { data } = await client(server.dataDir, ['list'])
  assert.deepEqual(
    data.map(({ id }: { id: string }) => id),
    [made.id],
  )
  assert.equal(await findPostmaster(join(server.dataDir, 'postgres')), undefined)
  await server.start()
  assert.equal((await client(server.dataDir, ['revoke', made.id])).id, made.id)
})

test('after a crash of the server the command finds its database, and the next start does too', async (t) => {
  const server = await startServer(t)
  await server.kill()
  const made = await client(server.dataDir, ['create', '--name', 'Acme', '--domain', 'acme.example'])
  assert.equal(await findPostmaster(join(server.dataDir, 'postgres')), undefined)
  await server.start()
  assert.equal((await client(server.dataDir, ['show', made.id])).id, made.id)
})

test('where there is no database, none is made', async (t) => {
  const { folder, dataDir } = await makeTestFolder(t)
  await assert.rejects(client(dataDir, ['list']), ({ code, stderr }: { code: number; stderr: string }) => {
    assert.equal(code, 1)
    assert.match(stderr.trim(), /^There is no Parlance database in .*\.$/)
    return true
  })
  assert.deepEqual(await readdir(folder), [])
})

test('a started server exposes every series that the alerts are about', async (t) => {
  const server = await startServer(t)
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  const exposed = new Set([...metrics.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name))
  const rules = await readFile(ALERTS, 'utf8')
  const named = [...rules.matchAll(/\b(parlance_\w+?)(?:_bucket|_sum|_count)?(?=[{[])/g)].map(([, name]) => name!)
  assert.ok(named.length >= 4)
  for (const name of named) assert.ok(exposed.has(name), name)
})

async function startServer(t: TestContext) {
  const server = await createServerProcess()
  t.after(() => server.remove())
  await server.start()
  return server
}

async function client(dataDir: string, args: string[]) {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLANCE_'))
  const env = { ...Object.fromEntries(kept), PARLANCE_DATA_DIR: dataDir }
  const { stdout } = await run(process.execPath, [MAIN, 'client', ...args, '--json'], { env })
  return JSON.parse(stdout)
}
