import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

// A rule whose pattern matches nothing, or a parser that cannot read a file, would pass in silence.
test('each forbidden import is refused, type imports too', async (t) => {
  const refused = await cruise(t, {
    'server/src/core/a.ts': "import type { D } from '../dialects/one/d.ts'\nexport type A = D",
    'server/src/core/b.ts': "import '../platform/secret.ts'",
    'server/src/core/c.ts': "import { get } from 'node:http'\nget('http://x')",
    'server/src/platform/p.ts': "import type { C } from '../core/ok.ts'\nexport type P = C",
    'server/src/platform/secret.ts': 'export {}',
    'server/src/core/ok.ts': "import type { T } from '../platform/clock.ts'\nexport type C = T",
    'server/src/platform/clock.ts': 'export type T = string\nexport function f(d: Disposable) { using e = d }',
    'server/src/dialects/one/d.ts': "import type { E } from '../two/e.ts'\nexport type D = E",
    'server/src/dialects/two/e.ts': "import type { C } from '../../core/ok.ts'\nexport type E = C",
    'server/src/realtime/r.ts': "import type { E } from '../dialects/two/e.ts'\nexport type R = E",
    'server/src/providers/x/y.ts': "import type { C } from '../../core/ok.ts'\nexport type Y = C",
    'server/src/app.ts': "import './testing/world.ts'\nimport './core/cycle.ts'",
    'server/src/testing/world.ts': "import '../core/ok.ts'",
    'server/src/core/cycle.ts': "import type { B } from './cycle-back.ts'\nexport type A = B",
    'server/src/core/cycle-back.ts': "import type { A } from './cycle.ts'\nexport type B = A | string",
    'conformance/x.test.ts': "import '../server/src/core/ok.ts'",
  })
  assert.deepEqual(refused, [
    'conformance-is-black-box: conformance/x.test.ts',
    'core-imports: server/src/core/a.ts',
    'core-imports: server/src/core/b.ts',
    'core-knows-no-protocol: server/src/core/c.ts',
    'dialects-never-each-other: server/src/dialects/one/d.ts',
    'no-cycles: server/src/core/cycle-back.ts',
    'only-tests-import-testing: server/src/app.ts',
    'platform-imports: server/src/platform/p.ts',
    'providers-imports: server/src/providers/x/y.ts',
    'realtime-imports: server/src/realtime/r.ts',
  ])
})

async function cruise(t: TestContext, files: Record<string, string>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-rules-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), source)
  }
  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
  const args = ['--config', join(ROOT, '.dependency-cruiser.mjs'), '--output-type', 'json', 'server', 'conformance']
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const report: { summary: { violations: { from: string; rule: { name: string } }[] } } = JSON.parse(
    await text(child.stdout),
  )
  return report.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort()
}
