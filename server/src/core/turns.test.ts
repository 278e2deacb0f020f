import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from './turns.ts'

/** Turns that each wait until the test lets them end, with an outcome. */
function heldTurns(pollMs = 60_000) {
  const begun: PromiseWithResolvers<boolean>[] = []
  const turns = new Turns({
    pollMs,
    turn: () => {
      begun.push(Promise.withResolvers<boolean>())
      return begun.at(-1)!.promise
    },
  })
  const end = async (outcome = true) => {
    begun.at(-1)!.resolve(outcome)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { turns, begun, end }
}

test('one turn at a time; whoever wakes during one makes for one more, however many they are', async () => {
  const { turns, begun, end } = heldTurns()
  turns.start()
  for (let i = 0; i < 5; i++) turns.wake()
  assert.equal(begun.length, 1)
  await end()
  assert.equal(begun.length, 2)
  await end()
  assert.equal(begun.length, 2)
  turns.wake()
  assert.equal(begun.length, 3)
  await Promise.all([turns.stop(), end()])
})

test('a turn that could not be done is taken again by the poll', async () => {
  const { turns, begun, end } = heldTurns(1)
  turns.start()
  await end(false)
  while (begun.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
  await Promise.all([turns.stop(), end()])
})

test('stopping waits for the turn under way, and none follows', async () => {
  const { turns, begun, end } = heldTurns()
  turns.start()
  turns.wake()
  let isStopped = false
  const stopping = turns.stop().then(() => {
    isStopped = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isStopped, false)
  await end()
  await stopping
  turns.wake()
  assert.deepEqual([begun.length, turns.isStopped], [1, true])
})
