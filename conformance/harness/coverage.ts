import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { call } from './client.ts'
import { ok } from './expect.ts'

/** COVERAGE.md of a folder names every route of the dialect's description, and no other. */
export async function requireRoutesCovered(folder: string, { url, dialect }: { url: string; dialect: string }) {
  const { paths } = await ok(200, call(url, 'GET', `/openapi/${dialect}.json`))
  const described = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const coverage = await readFile(`${folder}/COVERAGE.md`, 'utf8')
  const named = [...coverage.matchAll(/`((?:GET|HEAD|POST|PUT|PATCH|DELETE) [^`]+)`/g)].map(([, route]) => route)
  assert.deepEqual([...new Set(named)].sort(), described.sort())
}

/** Every test that COVERAGE.md names is there, and every test of the folder is named. */
export async function requireTestsCovered(folder: string) {
  const written: string[] = []
  for await (const file of glob('*.test.ts', { cwd: folder })) {
    const source = await readFile(`${folder}/${file}`, 'utf8')
    if (file === 'coverage.test.ts') continue
    for (const [, , name] of source.matchAll(/^test\((['"])(.*?)\1,/gm)) written.push(`${file}: ${name}`)
  }
  const coverage = await readFile(`${folder}/COVERAGE.md`, 'utf8')
  const named = [...coverage.matchAll(/\]\(\.\/([\w-]+\.test\.ts)\): (.+?)(?=<br>| \|$)/gm)]
  const tests = named.map(([, file, name]) => `${file}: ${name}`)
  assert.deepEqual([...new Set(tests)].sort(), written.sort())
}
