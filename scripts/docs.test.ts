import assert from 'node:assert/strict'
import { glob, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

test('every link between our pages leads somewhere', async () => {
  const pages = await Array.fromAsync(glob(['{*,bench/*}.md', '{docs,conformance,examples}/**/*.md'], { cwd: ROOT }))
  const broken: string[] = []
  for (const page of pages) {
    const links = (await readFile(join(ROOT, page), 'utf8')).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)
    for (const [, path] of links) {
      const target = join(ROOT, dirname(page), path!)
      if (!(await stat(target).catch(() => undefined))) broken.push(`${page} → ${path}`)
    }
  }
  assert.deepEqual(broken, [])
})
