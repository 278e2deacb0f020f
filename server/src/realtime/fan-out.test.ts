import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FlushQueue } from './fan-out.ts'
import { Outlet } from './outlet.ts'

function openOutlet(flushes: FlushQueue) {
  const writes: Buffer[] = []
  const transport = { write: (bytes: Buffer) => writes.push(bytes) > 0, bufferedBytes: 0, close: () => {} }
  return { outlet: new Outlet(flushes, transport), writes }
}

const [a, b, c] = ['a', 'b', 'c'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer]

test('all frames of a turn leave in one write, in order', async () => {
  const { outlet, writes } = openOutlet(new FlushQueue())
  for (const frame of [a, b, a, c]) outlet.append(frame)
  assert.deepEqual(writes, [])
  await nextTurn()
  assert.deepEqual(writes.map(String), ['abac'])
  outlet.append(b)
  await nextTurn()
  assert.deepEqual(writes.map(String), ['abac', 'b'])
})

test('connections with the same frames share one buffer, whatever others get in between', async () => {
  const flushes = new FlushQueue()
  const [one, two, other, third] = Array.from({ length: 4 }, () => openOutlet(flushes)) as [
    ReturnType<typeof openOutlet>,
    ReturnType<typeof openOutlet>,
    ReturnType<typeof openOutlet>,
    ReturnType<typeof openOutlet>,
  ]
  for (const { outlet } of [one, two, other, third]) outlet.append(a)
  for (const { outlet } of [one, two]) outlet.append(b)
  for (const { outlet } of [other, third]) outlet.append(c)
  await nextTurn()
  assert.deepEqual(
    [one, two, other, third].map(({ writes }) => String(writes[0])),
    ['ab', 'ab', 'ac', 'ac'],
  )
  assert.equal(one.writes[0], two.writes[0])
  assert.equal(other.writes[0], third.writes[0])
})

test('what is closed writes what it had, and nothing later', async () => {
  const { outlet, writes } = openOutlet(new FlushQueue())
  outlet.append(a)
  outlet.close({ code: 1001, reason: '' })
  await nextTurn()
  assert.deepEqual(writes.map(String), ['a'])
})
