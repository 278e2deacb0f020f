import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createTestDatabase } from '../testing/database.ts'
import { openPool } from './database/database.ts'
import { createLogger, gatherLines } from './log.ts'

function openLog() {
  const lines: string[] = []
  return { log: createLogger('warn', { write: (line) => void lines.push(line) }), lines }
}

test('a database’s error is logged without the row and the connection that it carries', async (t) => {
  const { url, drop } = await createTestDatabase()
  const pool = openPool({ url, connectionsMax: 1 })
  t.after(async () => {
    await pool.end()
    await drop()
  })
  const insert = "insert into log_readers (name, position) values ('what somebody wrote', null)"
  const error = await pool.query(insert).catch((error: Error) => error)
  assert.match(JSON.stringify(error), /what somebody wrote/, 'PostgreSQL gives the row away')
  const { log, lines } = openLog()
  log.error({ err: Object.assign(error, { client: { secretKey: 4711 } }) }, 'a request failed')
  assert.equal(lines.length, 1)
  assert.doesNotMatch(lines[0]!, /what somebody wrote|4711/)
  const { err, msg } = JSON.parse(lines[0]!)
  assert.deepEqual([err.type, err.code, msg], ['DatabaseError', '23502', 'a request failed'])
  assert.match(err.stack, /log\.test\.ts/)
})

test('causes are told, as far as they are few', () => {
  const { log, lines } = openLog()
  const endless = new Error('again')
  endless.cause = endless
  log.warn({ err: new TypeError('outer', { cause: new Error('inner', { cause: 'text' }) }) }, 'one')
  log.warn({ err: endless }, 'two')
  log.warn({ err: 'no error at all' }, 'three')
  const [first, second, third] = lines.map((line) => JSON.parse(line))
  assert.deepEqual([first.err.type, first.err.cause.message, first.err.cause.cause], ['TypeError', 'inner', 'text'])
  assert.equal(second.err.cause.cause.message, 'again')
  assert.equal(third.err, 'no error at all')
})

test('lines that inform are written together, and what is wrong at once with all before it', async () => {
  const written: string[] = []
  const destination = gatherLines({ write: (text) => void written.push(text), flushSync: () => {} })
  const log = createLogger('info', destination)
  const messages = () =>
    written.map((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).msg),
    )
  log.info({}, 'one')
  log.info({}, 'two')
  assert.deepEqual(messages(), [])
  log.warn({}, 'three')
  assert.deepEqual(messages(), [['one', 'two', 'three']])
  log.info({}, 'four')
  while (written.length < 2) await delay(1)
  log.info({}, 'five')
  destination.close()
  assert.deepEqual(messages(), [['one', 'two', 'three'], ['four'], ['five']])
  const times = written.flatMap((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => Date.parse(JSON.parse(line).time)),
  )
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
  assert.ok(Math.abs(times.at(-1)! - Date.now()) < 60_000)
})
