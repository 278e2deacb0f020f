import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allotSlots } from './allot-slots.ts'

const due = (...inFlight: number[]) => inFlight.map((n, i) => ({ endpointId: String(i), inFlight: n }))
const perEndpoint = 8

test('slots go round, so that nobody goes without while another has many', () => {
  const requests = allotSlots({ due: due(0, 0, 0), slots: { quick: 7, slow: 0 }, perEndpoint, isSlow: () => false })
  assert.deepEqual(
    requests.map(({ deliveries }) => deliveries),
    [3, 2, 2],
  )
})

test('an endpoint has no more requests at once than it may have, on all nodes together', () => {
  const requests = allotSlots({ due: due(8, 6, 0), slots: { quick: 64, slow: 0 }, perEndpoint, isSlow: () => false })
  assert.deepEqual(requests, [
    { endpointId: '1', deliveries: 2 },
    { endpointId: '2', deliveries: 8 },
  ])
})

test('who is slow has one request at a time, out of slots of its own', () => {
  const isSlow = (id: string) => id !== '3'
  const requests = allotSlots({ due: due(0, 1, 0, 0), slots: { quick: 2, slow: 1 }, perEndpoint, isSlow })
  assert.deepEqual(requests, [
    { endpointId: '3', deliveries: 2 },
    { endpointId: '0', deliveries: 1 },
  ])
})
