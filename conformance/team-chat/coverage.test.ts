import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { call } from '../harness/client.ts'
import { ok } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const { url } = await startTestServer()
let coverage = ''

before(async () => {
  coverage = await readFile(`${FOLDER}/COVERAGE.md`, 'utf8')
})

test('COVERAGE.md names every route of the description, and no other', async () => {
  const { paths } = await ok(200, call(url, 'GET', '/openapi/team-chat.json'))
  const described = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const named = [...coverage.matchAll(/`((?:GET|HEAD|POST|PUT|PATCH|DELETE) [^`]+)`/g)].map(([, route]) => route)
  assert.deepEqual([...new Set(named)].sort(), described.sort())
})

test('every test that COVERAGE.md names is there, and every test is named', async () => {
  const written: string[] = []
  for await (const file of glob('*.test.ts', { cwd: FOLDER })) {
    const source = await readFile(`${FOLDER}/${file}`, 'utf8')
    if (file === 'coverage.test.ts') continue
    for (const [, , name] of source.matchAll(/^test\((['"])(.*?)\1,/gm)) written.push(`${file}: ${name}`)
  }
  const named = [...coverage.matchAll(/\]\(\.\/([\w-]+\.test\.ts)\): (.+?)(?=<br>| \|$)/gm)]
  const tests = named.map(([, file, name]) => `${file}: ${name}`)
  assert.deepEqual([...new Set(tests)].sort(), written.sort())
})
