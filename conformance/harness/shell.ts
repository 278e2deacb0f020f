import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const WAIT_MS = 30_000

/** The blocks of shell commands of a page, in their order. */
export async function readShellBlocks(page: string): Promise<string[]> {
  const text = await readFile(`${ROOT}/${page}`, 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!)
}

/** A shell that is typed into, as a person's is. */
export function openShell(env: Record<string, string> = {}) {
  const shell = spawn('bash', { cwd: ROOT, stdio: 'pipe', detached: true, env: { ...process.env, ...env } })
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
    // What runs in its background is ended with it.
    close: () => void process.kill(-shell.pid!, 'SIGKILL'),
  }
}
