import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSmtpUrl } from './smtp-url.ts'

test('a URL says all of how a mail server is reached', () => {
  assert.deepEqual(parseSmtpUrl('smtps://ada%40x:s%2Fecret@mail.example.com'), {
    host: 'mail.example.com',
    port: 465,
    isSecure: true,
    starttls: 'required',
    credentials: { user: 'ada@x', pass: 's/ecret' },
  })
  assert.deepEqual(parseSmtpUrl('smtp://[::1]:2525'), {
    host: '::1',
    port: 2525,
    isSecure: false,
    starttls: 'optional',
    credentials: null,
  })
})

test('a password crosses a network only within TLS, unless the URL says otherwise', () => {
  const starttlsOf = (url: string) => parseSmtpUrl(url).starttls
  assert.equal(starttlsOf('smtp://a:b@mail.example.com'), 'required')
  assert.equal(starttlsOf('smtp://mail.example.com'), 'optional')
  assert.equal(starttlsOf('smtp://a:b@127.0.0.1'), 'optional')
  assert.equal(starttlsOf('smtp://a:b@mailpit:1025?starttls=never'), 'never')
  assert.equal(starttlsOf('smtp://mail.example.com?starttls=required'), 'required')
})

test('what is no such URL is refused without repeating its password', () => {
  for (const url of ['', 'mail.example.com', 'https://a:secret@mail.example.com', 'smtp://a:secret@x?starttls=maybe']) {
    assert.throws(
      () => parseSmtpUrl(url),
      (error: Error) => /must be/.test(error.message) && !error.message.includes('secret'),
    )
  }
})
