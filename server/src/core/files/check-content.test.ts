import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { checkContent } from './check-content.ts'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1])
const PDF = Buffer.from('%PDF-1.7\n%âãÏÓ\n')
const EXE = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])
const ELF = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]), Buffer.alloc(200)])
const ZIP = Buffer.from('504b03040a00000000000000210000000000000000000000000001000000' + '61', 'hex')

const accepted: [string, Buffer][] = [
  ['image/png', PNG],
  ['image/jpg', JPEG],
  ['application/pdf', PDF],
  ['application/zip', ZIP],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', ZIP],
  ['application/octet-stream', PNG],
  ['application/x-made-up', Buffer.from('BM is not always a bitmap')],
  ['text/plain', Buffer.from('BMW builds cars, and this is not a bitmap')],
  ['text/plain', Buffer.from('MZ is not always a program')],
  ['text/csv', Buffer.from('naïve,日本語,🎉\n')],
  ['text/html', Buffer.from('<script>alert(1)</script>')],
  ['image/svg+xml', Buffer.from('<?xml version="1.0"?><svg/>')],
  ['application/json', Buffer.from('{}')],
]

for (const [type, bytes] of accepted) {
  test(`${type} takes ${JSON.stringify(bytes.subarray(0, 8).toString('latin1'))}…`, async () => {
    // Byte by byte, as a slow connection would bring them.
    assert.deepEqual(await buffer(checkContent(byByte(bytes), type)), bytes)
  })
}

const refused: [string, Buffer, string][] = [
  ['image/png', JPEG, 'file_type_mismatch'],
  ['image/png', Buffer.from('<script>alert(1)</script>'), 'file_type_mismatch'],
  ['image/png', PNG.subarray(0, 4), 'file_type_mismatch'],
  ['image/made-up', PDF, 'file_type_mismatch'],
  ['application/pdf', PNG, 'file_type_mismatch'],
  ['video/mp4', ZIP, 'file_type_mismatch'],
  ['image/png', EXE, 'file_type_refused'],
  ['application/octet-stream', ELF, 'file_type_refused'],
  ['text/plain', PNG, 'file_type_mismatch'],
  ['text/plain', Buffer.from('a\0b'), 'file_type_mismatch'],
  ['text/plain', Buffer.from('caf\xe9', 'latin1'), 'file_type_mismatch'],
  ['text/plain', Buffer.from('🎉').subarray(0, 3), 'file_type_mismatch'],
  ['image/svg+xml', PNG, 'file_type_mismatch'],
]

for (const [type, bytes, code] of refused) {
  test(`${type} refuses ${JSON.stringify(bytes.subarray(0, 8).toString('latin1'))}…`, async () => {
    await assert.rejects(buffer(checkContent(byByte(bytes), type)), { code })
  })
}

test('a contradiction is found before the rest of the bytes is taken', async () => {
  let taken = 0
  async function* endless() {
    yield JPEG
    for (;;) {
      taken++
      yield Buffer.alloc(4_096)
    }
  }
  await assert.rejects(buffer(checkContent(endless(), 'image/png')), { code: 'file_type_mismatch' })
  assert.ok(taken < 10)
})

function byByte(bytes: Buffer): Readable {
  return Readable.from([...bytes].map((byte) => Buffer.of(byte)))
}
