import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPool } from '../../platform/database/database.ts'
import { createTestDatabase } from '../../testing/database.ts'
import { buildCondition } from './build-condition.ts'
import { buildDocument } from './build-document.ts'
import { parseQuery } from './parse-query.ts'

const NOW = '2026-03-01T12:00:00.000Z'
const ids = { attachments: [], mentions: [] }

test('a query finds what it should, and not what it should not', async (t) => {
  const { url, drop } = await createTestDatabase()
  const pool = openPool({ url, connectionsMax: 1 })
  t.after(async () => {
    await pool.end()
    await drop()
  })
  const finds = async (body: string, query: string) => {
    const condition = buildCondition(parseQuery(query, NOW))
    const values = [buildDocument({ ...ids, body }), condition]
    const { rows } = await pool.query<{ found: boolean }>('select $1::tsvector @@ $2::tsquery as found', values)
    return rows[0]!.found
  }
  for (const [body, found, missed] of CASES) {
    for (const query of found) assert.equal(await finds(body, query), true, `${query} in ${body}`)
    for (const query of missed) assert.equal(await finds(body, query), false, `${query} not in ${body}`)
  }
})

const CASES: [body: string, found: string[], missed: string[]][] = [
  [
    'The deployment of Müller & Söhne went wrong again',
    ['deployment', 'DEPLOY', 'muller', 'went wrong', 'wrong went', '"went wrong"', '"söhne went" agai', 'the wro'],
    ['deploy wrong', '"wrong went"', '"went wro"', 'x', 'a', 'wen "deploy"', '"muller went"'],
  ],
  [
    "don't read https://example.com/a-b.html",
    ["don't", 'example.com', 'a-b.ht', 'has:link'],
    ['dont', 'a.html', 'has:file'],
  ],
  [
    '明日は東京タワーに行きます',
    ['東京', '京タ', '東京タワー', 'タワ', '東', 'き', '"東京 タワー"', '行きます 明日'],
    ['京東', 'タワーズ', '西', '"行きます 明日"'],
  ],
  ['GitHubで会議', ['githubで会議', 'github', '会議', '議', '"githubで会"'], ['hubで', '会github']],
  ['안녕하세요 여러분', ['안녕', '하세요', '여러분', '분'], ['안하']],
  ['สวัสดีครับ', ['สวัสดี', 'ครับ', 'ัสดี'], ['ครับสวัสดี']],
  ["it's 100% 'quoted' \\ back:* & | ! ( )", ["'quoted'", 'back:*', '100', '(quoted & back)'], ['!quoted !x']],
  ['🚀 ship it', ['🚀', 'ship 🚀'], ['🎉']],
  ['a'.repeat(100), ['a'.repeat(100), 'a'.repeat(80), 'aa'], ['b']],
]

test('the marks and the names of files are found', async () => {
  const attachment = { fileId: 'x', name: 'Q3 Report.pdf', contentType: 'application/pdf', sizeBytes: 1 }
  const document = buildDocument({
    body: 'see www.example.com',
    attachments: [attachment],
    mentions: [{ kind: 'here' }],
  })
  assert.equal(document, "'see':1 'www':2 'example':3 'com':4 'q3':14 'report':15 'pdf':16 '/link' '/file' '/mention'")
})

test('a query of filters only asks nothing of the document', () => {
  for (const query of ['from:me', 'has:reaction has:thread', '!!! "…"', '']) {
    assert.equal(buildCondition(parseQuery(query, NOW)), '')
  }
})
