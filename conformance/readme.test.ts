import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServerProcess } from './harness/server-process.ts'
import { openShell, readShellBlocks } from './harness/shell.ts'

test('the first conversation in the README works when it is pasted', async (t) => {
  const [signUp, listen, write, ...others] = await readShellBlocks('README.md')
  assert.equal(others.length, 0, 'this test knows three blocks')
  const server = await createServerProcess({ PARLANCE_SEED: 'true' })
  t.after(() => server.remove())
  await server.start()
  const shell = openShell()
  t.after(() => shell.close())

  shell.paste(signUp!.replace('http://127.0.0.1:3000', server.url))
  await shell.hears('"channel_id"')
  shell.paste(listen!)
  await shell.hears('"event":"READY"')
  shell.paste(write!)
  await shell.hears('"event":"NEW_MESSAGE"')
  await shell.hears('"event":"MENTION"')
  await shell.hears('"event":"NOTIFICATION"')
})
