import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeTextFrames } from './frame.ts'

test('a short text has its length in one byte, and no mask', () => {
  assert.deepEqual([...encodeTextFrames(['hi'])], [0x81, 2, 0x68, 0x69])
  assert.deepEqual([...encodeTextFrames(['']).subarray(0, 2)], [0x81, 0])
})

test('lengths grow to 16 and to 64 bits exactly where the protocol says', () => {
  assert.deepEqual([...encodeTextFrames(['x'.repeat(125)]).subarray(0, 2)], [0x81, 125])
  assert.deepEqual([...encodeTextFrames(['x'.repeat(126)]).subarray(0, 4)], [0x81, 126, 0, 126])
  assert.deepEqual([...encodeTextFrames(['x'.repeat(65_535)]).subarray(0, 4)], [0x81, 126, 0xff, 0xff])
  const long = encodeTextFrames(['x'.repeat(65_536)])
  assert.deepEqual([...long.subarray(0, 10)], [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0])
  assert.equal(long.length, 10 + 65_536)
})

test('the length is that of the bytes, not of the characters', () => {
  const frame = encodeTextFrames(['é😀'])
  assert.equal(frame[1], 6)
  assert.equal(frame.subarray(2).toString(), 'é😀')
})

test('several texts are several frames in one buffer', () => {
  assert.deepEqual([...encodeTextFrames(['a', 'b'])], [0x81, 1, 0x61, 0x81, 1, 0x62])
})
