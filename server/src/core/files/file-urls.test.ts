import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFileUrls } from './file-urls.ts'

const FILE = '019a0000-0000-7000-8000-000000000001'
const OTHER = '019a0000-0000-7000-8000-000000000002'
const NAME = 'Größe 100%/ü.png'

test('a download URL stays the same within the hour, and is good for at least another', () => {
  const { urls, setNow } = urlsAt('2026-01-01T10:00:00.000Z')
  const first = urls.downloadUrl({ fileId: FILE, name: NAME })
  setNow('2026-01-01T10:59:59.999Z')
  assert.equal(urls.downloadUrl({ fileId: FILE, name: NAME }), first)
  const { expiresAt, signature } = readQuery(first)
  setNow('2026-01-01T11:59:59.999Z')
  assert.notEqual(urls.downloadUrl({ fileId: FILE, name: NAME }), first)
  urls.requireDownload({ fileId: FILE, expiresAt }, signature)
  setNow('2026-01-01T12:00:00.000Z')
  assert.throws(() => urls.requireDownload({ fileId: FILE, expiresAt }, signature), { code: 'url_expired' })
})

test('a URL is for one file, one purpose and one time', () => {
  const { urls } = urlsAt('2026-01-01T10:00:00.000Z')
  const { expiresAt, signature } = readQuery(urls.downloadUrl({ fileId: FILE, name: NAME }))
  const invalid = { code: 'invalid_signature' }
  assert.throws(() => urls.requireDownload({ fileId: OTHER, expiresAt }, signature), invalid)
  assert.throws(() => urls.requireDownload({ fileId: FILE, expiresAt: '2026-01-01T13:00:00.000Z' }, signature), invalid)
  assert.throws(() => urls.requireDownload({ fileId: FILE, expiresAt }, ''), invalid)
  const upload = { fileId: FILE, contentType: 'image/png', sizeBytes: 5, expiresAt }
  assert.throws(() => urls.requireUpload(upload, signature), invalid)
  const uploadSignature = readQuery(urls.uploadUrl(upload)).signature
  urls.requireUpload(upload, uploadSignature)
  assert.throws(() => urls.requireUpload({ ...upload, sizeBytes: 6 }, uploadSignature), invalid)
  assert.throws(() => urls.requireUpload({ ...upload, contentType: 'text/html' }, uploadSignature), invalid)
  assert.throws(() => urls.requireDownload({ fileId: FILE, expiresAt }, uploadSignature), invalid)
})

test('another secret signs other URLs', () => {
  const { urls } = urlsAt('2026-01-01T10:00:00.000Z')
  const others = createFileUrls({ ...OPTIONS, key: Buffer.alloc(32, 2), clock: () => '2026-01-01T10:00:00.000Z' })
  const { expiresAt, signature } = readQuery(others.downloadUrl({ fileId: FILE, name: NAME }))
  assert.throws(() => urls.requireDownload({ fileId: FILE, expiresAt }, signature), { code: 'invalid_signature' })
})

test('a file URL of this server names its file; nothing else does', () => {
  const { urls } = urlsAt('2026-01-01T10:00:00.000Z')
  const expiresAt = '2026-01-01T11:00:00.000Z'
  assert.equal(urls.parseFileUrl(urls.downloadUrl({ fileId: FILE, name: NAME })), FILE)
  assert.equal(urls.parseFileUrl(urls.uploadUrl({ fileId: FILE, contentType: 'a/b', sizeBytes: 1, expiresAt })), FILE)
  assert.equal(urls.parseFileUrl(`https://chat.example.org/uploads/${FILE.toUpperCase()}`), FILE)
  for (const foreign of [
    `https://evil.example.org/uploads/${FILE}`,
    `https://chat.example.org.evil.example/uploads/${FILE}`,
    `https://chat.example.org/uploads/${FILE}/a/b`,
    `https://chat.example.org/other/${FILE}`,
    `/uploads/${FILE}`,
    FILE,
    '',
  ]) {
    assert.equal(urls.parseFileUrl(foreign), undefined, foreign)
  }
})

const OPTIONS = { publicUrl: () => 'https://chat.example.org/', key: Buffer.alloc(32, 1), bytesMax: 100 }

function urlsAt(start: string) {
  let now = start
  const urls = createFileUrls({ ...OPTIONS, clock: () => now })
  const setNow = (at: string) => {
    now = at
  }
  return { urls, setNow }
}

function readQuery(url: string) {
  const { searchParams } = new URL(url)
  const expiresAt = new Date(Number(searchParams.get('expires')) * 1000).toISOString()
  return { expiresAt, signature: searchParams.get('signature') ?? '' }
}
