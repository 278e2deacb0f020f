import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPool } from '../../platform/database/database.ts'
import { WRITER_SETTINGS } from '../../runtime.ts'
import { createTestDatabase } from '../../testing/database.ts'
import { writeBatchStatement } from './write-batch-statement.ts'

test('a plan made on empty tables finds each row by its index', async (t) => {
  const { url, drop } = await createTestDatabase()
  const pool = openPool({ url, connectionsMax: 1, settings: WRITER_SETTINGS })
  t.after(async () => {
    await pool.end()
    await drop()
  })
  for (const parts of ALL_PARTS) {
    const { name, text, columns } = writeBatchStatement(parts)
    await pool.query(`prepare ${name} as ${text}`)
    const values = ["'node'", '1', ...columns.map(() => 'null')]
    const { rows } = await pool.query<Record<string, string>>(`explain execute ${name}(${values.join(', ')})`)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    // A scan of a table without a condition reads all of it, by an index too.
    const scans = plan.match(/.*Scan (?:using \w+ )?on (?:streams|messages|files|contact_conversations)\b.*\n.*/g) ?? []
    assert.ok(scans.length > 0, plan)
    for (const scan of scans) assert.match(scan, /(?:Index|Bitmap Heap) Scan .*\n +(?:Index|Recheck) Cond: /, plan)
  }
})

const ALL_PARTS = Array.from({ length: 64 }, (_, bits) => ({
  notices: (bits & 1) > 0,
  files: (bits & 2) > 0,
  replies: (bits & 4) > 0,
  contacts: (bits & 8) > 0,
  deliveries: (bits & 16) > 0,
  timelines: (bits & 32) > 0,
}))
