import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createServerProcess } from './harness/server-process.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const WAIT_MS = 30_000

test('the first conversation in the README works when it is pasted', async (t) => {
  const [signUp, listen, write, ...others] = await readShellBlocks()
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

async function readShellBlocks(): Promise<string[]> {
  const readme = await readFile(`${ROOT}/README.md`, 'utf8')
  return [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!)
}

/** A shell that is typed into, as a person's is. */
function openShell() {
  const shell = spawn('bash', { cwd: ROOT, stdio: 'pipe', detached: true })
  let output = ''
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk) => (output += chunk))
  return {
    paste: (block: string) => void shell.stdin.write(block),
    hears: async (text: string) => {
      const giveUpAt = performance.now() + WAIT_MS
      while (!output.includes(text)) {
        assert.ok(performance.now() < giveUpAt, `no ${text} in:\n${output}`)
        await delay(20)
      }
    },
    // The listener in its background is ended with it.
    close: () => void process.kill(-shell.pid!, 'SIGKILL'),
  }
}
