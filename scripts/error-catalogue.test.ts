import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ERRORS, type ErrorCode } from '../server/src/core/errors.ts'
import { HTTP_ERRORS } from '../server/src/http/http-error.ts'
import { DIALECTS } from './generate/dialects.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CATALOGUES = ['server/src/core/errors.ts', 'server/src/http/http-error.ts']
const CODES = [...Object.keys(ERRORS), ...Object.keys(HTTP_ERRORS)]

test('docs/errors.md documents every error, and no other', async () => {
  const text = await readFile(`${ROOT}/docs/errors.md`, 'utf8')
  const documented = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code!)
  assert.deepEqual(documented.sort(), CODES.toSorted())
})

test('every error can happen: the server names it somewhere outside the catalogue', async () => {
  const files = await Array.fromAsync(glob('server/src/**/*.ts', { cwd: ROOT }))
  const sources = files.filter((file) => !CATALOGUES.includes(file) && !file.endsWith('.test.ts'))
  const text = (await Promise.all(sources.map((file) => readFile(`${ROOT}/${file}`, 'utf8')))).join('\n')
  assert.deepEqual(
    CODES.filter((code) => !text.includes(`'${code}'`)),
    [],
  )
})

test('every dialect has a status for every error', () => {
  for (const dialect of DIALECTS) {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const { status } = dialect.present(code)
      assert.ok(status >= 400 && status <= 599, `${dialect.name}: ${code} is ${status}`)
    }
  }
})
