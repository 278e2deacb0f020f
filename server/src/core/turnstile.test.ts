import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turnstile } from './turnstile.ts'

test('so many are inside at once; the others follow in order, also after one that fails', async () => {
  const turnstile = new Turnstile({ atOnce: 2, lineMax: 10 })
  const entered: number[] = []
  const exits = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const passes = exits.map(({ promise }, i) =>
    turnstile.pass(() => {
      entered.push(i)
      return promise
    }),
  )
  await Promise.resolve()
  assert.deepEqual(entered, [0, 1])
  exits[1]!.reject(new Error('fell'))
  await assert.rejects(passes[1]!, /fell/)
  assert.deepEqual(entered, [0, 1, 2])
  for (const { resolve } of exits) resolve()
  await Promise.all([passes[0], passes[2], passes[3]])
  assert.deepEqual(entered, [0, 1, 2, 3])
})

test('whoever finds the line full is refused, and there is room again when it has moved on', async () => {
  const turnstile = new Turnstile({ atOnce: 1, lineMax: 1 })
  const exit = Promise.withResolvers<void>()
  const inside = turnstile.pass(() => exit.promise)
  const waiting = turnstile.pass(async () => {})
  await assert.rejects(
    turnstile.pass(async () => {}),
    { code: 'overloaded' },
  )
  exit.resolve()
  await Promise.all([inside, waiting])
  await turnstile.pass(async () => {})
})
