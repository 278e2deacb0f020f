import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentDisposition } from './content-disposition.ts'

test('a name is given in ASCII and, whole, in UTF-8', () => {
  assert.equal(
    contentDisposition('attachment', 'Größe "100%" 🎉.txt'),
    `attachment; filename="Gr__e _100__ _.txt"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22100%25%22%20%F0%9F%8E%89.txt`,
  )
})

test('a name cannot break out of the header', () => {
  const header = contentDisposition('inline', `a"; filename="b.html\r\nX: y\\'(1).png`)
  assert.equal(header.split('"').length, 3)
  assert.doesNotMatch(header, /[\r\n]/)
})
