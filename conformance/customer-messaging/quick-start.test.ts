import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServerProcess, findFreePort } from '../harness/server-process.ts'
import { openShell, readShellBlocks } from '../harness/shell.ts'

test('the quick start of the contract works when it is pasted', async (t) => {
  const [make, listen, write, ...others] = await readShellBlocks('docs/api/customer-messaging.md')
  assert.ok(others.every((block) => block.startsWith('npm run --silent parlance -- client create')))
  const server = await createServerProcess({ PARLANCE_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' })
  t.after(() => server.remove())
  await server.start()
  // Beside the running server, on its own data folder, as a person's shell is.
  const shell = openShell({ PARLANCE_DATA_DIR: server.dataDir, PARLANCE_DATABASE_URL: '' })
  t.after(() => shell.close())

  shell.paste(make!.replace('http://127.0.0.1:3000', server.url))
  await shell.hears('ch_')
  shell.paste(listen!.replaceAll('8915', String(await findFreePort())))
  await shell.hears('"event":"connection.ready"')
  await shell.hears('webhook: listening')
  shell.paste(write!)
  await shell.hears('socket: {"event":"message.sent"')
  await shell.hears('webhook: message.sent Hello, Dan')
  await shell.hears('"total_count":1')
})
