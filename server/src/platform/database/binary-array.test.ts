import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { test } from 'node:test'
import { createTestDatabase } from '../../testing/database.ts'
import { type ArrayType, encodeArray } from './binary-array.ts'
import { openPool } from './database.ts'

const CASES: [ArrayType, (string | number | null)[]][] = [
  ['uuid', [randomUUIDv7(), null, '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']],
  ['int4', [0, 1, -1, 2_147_483_647, -2_147_483_648, null]],
  ['text', ['', 'plain', '{"a":"b\\"c"}', 'ж 漢 🚀', null, 'NULL', '\n\t\u0001', 'x'.repeat(100_000)]],
  ['timestamptz', ['2026-11-27T12:34:56.789Z', '1999-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z', null]],
]

test('PostgreSQL reads from an array what was put into it', async (t) => {
  const { url, drop } = await createTestDatabase()
  const pool = openPool({ url, connectionsMax: 1 })
  t.after(async () => {
    await pool.end()
    await drop()
  })
  const read = async (type: ArrayType, elements: (string | number | null)[]) => {
    const { rows } = await pool.query(`select r as one from unnest($1::${type}[]) r`, [encodeArray(type, elements)])
    return rows.map(({ one }) => one)
  }
  for (const [type, elements] of CASES) {
    assert.deepEqual(await read(type, elements), elements)
    assert.deepEqual(await read(type, [null]), [null])
    assert.deepEqual(await read(type, []), [])
  }
  const id = randomUUIDv7()
  assert.deepEqual(await read('uuid', [id.toUpperCase()]), [id])
})

test('what is no UUID and no time is refused', () => {
  for (const text of ['', 'x', `${randomUUIDv7()}0`, randomUUIDv7().slice(1), randomUUIDv7().replace(/.$/, 'g'), 'é'])
    assert.throws(() => encodeArray('uuid', [text]), TypeError)
  for (const text of ['', 'yesterday']) assert.throws(() => encodeArray('timestamptz', [text]), TypeError)
})
