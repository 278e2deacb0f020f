import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Aim, Comparison, Sample } from '../scenarios/bench.ts'
import { presentComparisons } from './present.ts'

function sample(perSecond: number, serverUs: number): Sample {
  const cpu = { serverUs, databaseUs: 0, clientUs: 0 }
  return { perSecond, cpu, latencyUs: undefined, bytes: undefined, fault: undefined }
}

function compared(aim: Aim | null, [reference, measured]: [string, string] = ['baseline', 'parlance']): Comparison {
  const rounds = [{ reference: sample(100, 90), measured: sample(250, 40) }]
  return { id: 'x', title: 'Work', unit: 'sends/s', aim, sides: { reference, measured }, rounds }
}

const lastCells = (text: string) => text.split('\n').at(-1)!.split(' | ').slice(-2)

test('an aim of a ratio and an aim of processor time are each held against what was measured', () => {
  assert.deepEqual(lastCells(presentComparisons([compared({ ratioMin: 2.5 })])), ['2.5×', 'yes |'])
  assert.deepEqual(lastCells(presentComparisons([compared({ ratioMin: 2.6 })])), ['2.6×', 'no |'])
  assert.match(lastCells(presentComparisons([compared({ serverUsMax: 40 })]))[1]!, /^yes, 40\.0 µs/)
  assert.match(lastCells(presentComparisons([compared({ serverUsMax: 39 })]))[1]!, /^no, 40\.0 µs/)
})

test('each pair of sides has a table of its own, under their names', () => {
  const rows = [compared(null), compared(null, ['team chat', 'customer messaging']), compared(null)]
  const tables = presentComparisons(rows).split('\n\n')
  assert.deepEqual(
    tables.map((table) => table.split('\n').length),
    [4, 3],
  )
  assert.match(tables[1]!, /\| Team chat \| Customer messaging \|/)
})
