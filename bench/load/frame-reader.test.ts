import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameReader } from './frame-reader.ts'

const TEXTS = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(9_000), 'e'.repeat(70_000), 'f']

test('frames of every length come out whole, wherever the reads cut them', () => {
  const stream = Buffer.concat(TEXTS.map(encodeFrame))
  for (const cut of [1, 2, 3, 5, 7, 9, 11, 127, 130, 4_096, 65_536, stream.length]) {
    const reader = new FrameReader()
    const found: string[] = []
    for (let at = 0; at < stream.length; at += cut) {
      reader.push(stream.subarray(at, at + cut), (opcode, bytes, start, end) => {
        assert.equal(opcode, 1)
        found.push(bytes.toString('latin1', start, end))
      })
    }
    assert.deepEqual(found, TEXTS, `reads of ${cut} bytes`)
  }
})

function encodeFrame(text: string): Buffer {
  const length = text.length
  const header =
    length < 126
      ? [0x81, length]
      : length < 65_536
        ? [0x81, 126, length >> 8, length & 255]
        : [0x81, 127, ...int64(length)]
  return Buffer.concat([Buffer.from(header), Buffer.from(text)])
}

function int64(value: number): number[] {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return [...bytes]
}
