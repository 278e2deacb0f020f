import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSendgridContract } from '../../testing/emulators/sendgrid-contracts.ts'
import { type Inbound, makeInbound } from '../../testing/emulators/sendgrid-inbound.ts'
import { parseInbound } from './parse-inbound.ts'

const TYPE = 'multipart/form-data; boundary=xYzZY'
const HI: Inbound = { from: 'Ada <ada@example.org>', to: 'team@in.example.com', subject: 'Hi', text: 'Hello' }

const parse = (inbound: Inbound) => {
  const { contentType, body } = makeInbound(inbound)
  return parseInbound(contentType, body)
}
/** The contracts keep these with LF; they travel with CRLF. */
const asSent = (file: Buffer) => Buffer.from(file.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1')

test('SendGrid’s parsed form is read (sendgrid-python)', async (t) => {
  const file = await readSendgridContract(t, 'inbound-parse/sendgrid-python-default_data.multipart.txt')
  if (file === undefined) return
  const email = await parseInbound(TYPE, asSent(file))
  assert.deepEqual(email, {
    messageId: null,
    inReplyTo: null,
    references: [],
    date: '2016-08-11T01:10:13.000Z',
    from: { address: 'test@example.com', name: 'Example User' },
    replyTo: null,
    to: [{ address: 'inbound@inbound.example.com', name: null }],
    cc: [],
    envelope: { from: 'test@example.com', to: ['inbound@inbound.example.com'] },
    subject: 'Testing non-raw',
    text: 'Hello Twilio SendGrid!\r\n',
    html: '<html><body><strong>Hello Twilio SendGrid!</body></html>\r\n',
    attachments: [],
    spf: 'pass',
    dkim: '{@sendgrid.com : pass}',
    spamScore: null,
    isAutomatic: false,
  })
})

test('SendGrid’s raw form is read, with and without a file (sendgrid-python)', async (t) => {
  const plain = await readSendgridContract(t, 'inbound-parse/sendgrid-python-raw_data.multipart.txt')
  const filed = await readSendgridContract(t, 'inbound-parse/sendgrid-python-raw_data_with_attachments.multipart.txt')
  if (!plain || !filed) return
  const email = await parseInbound(TYPE, asSent(plain))
  assert.equal(email.subject, 'Inbound Parse Test Raw Data')
  assert.deepEqual(email.from, { address: 'test@example.com', name: 'Example User' })
  assert.deepEqual(email.to, [{ address: 'inbound@inbound.inbound.com', name: null }])
  assert.equal(email.text?.trim(), 'Hello Twilio SendGrid!')
  assert.match(email.html ?? '', /<strong>Hello Twilio SendGrid!<\/body>/)
  assert.equal(email.date, '2016-08-10T21:44:21.000Z')
  assert.equal(email.spf, 'pass')
  assert.deepEqual(email.envelope, { from: 'test@example.com', to: ['inbound@inbound.inbound.com'] })

  const { attachments, text } = await parseInbound(TYPE, asSent(filed))
  assert.equal(text?.trim(), 'Hello Twilio SendGrid!')
  assert.deepEqual(
    attachments.map(({ name, contentType }) => [name, contentType]),
    [['SendGrid.jpg', 'image/jpeg']],
  )
  assert.deepEqual(attachments[0]!.bytes.subarray(0, 4), Buffer.from('ffd8ffe0', 'hex'))
})

test('each field is decoded by its own charset (a captured body with five of them)', async (t) => {
  const file = await readSendgridContract(t, 'inbound-parse/anymail-charsets.multipart.bin')
  if (file === undefined) return
  const email = await parseInbound(TYPE, file)
  assert.equal(email.subject, 'Como usted pidió')
  assert.deepEqual(email.to, [{ address: 'inbound@sg.example.com', name: 'Récipiendaire précieux' }])
  assert.deepEqual(email.from, { address: 'sender@example.com', name: 'Opérateur de test' })
  assert.equal(email.html, '<p>¿Esto se ve como esperabas?</p>')
  assert.equal(email.text, 'Test the ESP’s inbound charset handling…')
})

test('fields as they were captured elsewhere are read (anymail)', async (t) => {
  const file = await readSendgridContract(t, 'inbound-parse/anymail-form-fields.json')
  if (file === undefined) return
  const {
    inbound_basics,
    inbound_mime,
    attachments,
  }: Record<string, Record<string, string>> = JSON.parse(file.toString())
  const basics = await parseInbound(TYPE, formOf(inbound_basics!))
  assert.equal(basics.messageId, 'CAEPk3R+4Zr@mail.example.org')
  assert.equal(basics.date, '2017-10-12T01:31:04.000Z')
  assert.deepEqual(
    basics.to.map(({ address }) => address),
    ['test@inbound.example.com', 'other@example.com'],
  )
  assert.deepEqual(basics.from, { address: 'from+test@example.org', name: 'Displayed From' })
  assert.deepEqual(basics.envelope, { from: 'envelope-from@example.org', to: ['test@inbound.example.com'] })
  assert.deepEqual([basics.spamScore, basics.dkim, basics.spf], [1.7, '{@example.org : pass}', 'pass'])

  const mime = await parseInbound(TYPE, formOf(inbound_mime!))
  assert.equal(mime.subject, 'Raw MIME test')
  assert.equal(mime.messageId, 'CAEPk3RKEx@mail.example.org')
  assert.equal(mime.text?.trim(), 'It\u2019s a body\u2026'.replace('\u2019', "'"))
  assert.equal(mime.html?.trim(), '<div dir="ltr">It\'s a body…</div>')

  const filed = await parseInbound(
    TYPE,
    formOf(attachments!, [
      ['attachment1', 'test.txt', 'text/plain; charset=UTF-8', 'test attachment'],
      ['attachment2', 'image.png', 'image/png', 'png'],
      ['attachment3', '\\share\\mail\\forwarded.msg', 'message/rfc822', 'Subject: x\r\n\r\ny'],
    ]),
  )
  assert.deepEqual(
    filed.attachments.map(({ name, contentType, contentId, bytes }) => [
      name,
      contentType,
      contentId,
      bytes.toString(),
    ]),
    [
      ['test.txt', 'text/plain', null, 'test attachment'],
      ['image.png', 'image/png', 'abc123', 'png'],
      ['forwarded.msg', 'message/rfc822', null, 'Subject: x\r\n\r\ny'],
    ],
  )
})

test('what an email answers, its copies, files and images are read', async () => {
  const email = await parse({
    ...HI,
    cc: '"Bob, B." <bob@example.com>, eve@example.com',
    html: '<img src="cid:logo">',
    messageId: 'new@example.org',
    headers: [
      'In-Reply-To: <2@example.com>',
      'References: <1@example.com>\n\t<2@example.com>',
      'Reply-To: x@example.org',
    ],
    files: [
      { name: 'a.txt', contentType: 'text/plain', content: 'aGVsbG8=' },
      { name: 'logo.png', contentType: 'image/png', contentId: 'logo', content: 'iVBORw==' },
    ],
    spamScore: 0.1,
  })
  assert.equal(email.messageId, 'new@example.org')
  assert.equal(email.inReplyTo, '2@example.com')
  assert.deepEqual(email.references, ['1@example.com', '2@example.com'])
  assert.deepEqual(email.replyTo, { address: 'x@example.org', name: null })
  assert.deepEqual(email.cc, [
    { address: 'bob@example.com', name: 'Bob, B.' },
    { address: 'eve@example.com', name: null },
  ])
  assert.deepEqual(
    email.attachments.map(({ name, contentId, bytes }) => [name, contentId, bytes.toString('base64')]),
    [
      ['a.txt', null, 'aGVsbG8='],
      ['logo.png', 'logo', 'iVBORw=='],
    ],
  )
})

test('texts come through in charsets of all the world', async () => {
  const texts: [string, string][] = [
    ['iso-8859-15', 'fünf €'],
    ['windows-1251', 'Привет'],
    ['koi8-r', 'Привет'],
    ['shift_jis', 'こんにちは'],
    ['gb18030', '你好'],
    ['big5', '你好'],
    ['euc-kr', '안녕하세요'],
    ['cp437', 'Ä│'],
    ['UTF-8', '👩🏽‍🚀 ✓'],
  ]
  for (const [charset, text] of texts) {
    const email = await parse({ ...HI, text, charsets: { text: charset } })
    assert.equal(email.text, text, charset)
  }
})

test('a charset that is missing, unknown or wrong costs no email', async () => {
  const body = (charsets: string, text: Buffer) =>
    Buffer.concat([
      Buffer.from(`--xYzZY\r\nContent-Disposition: form-data; name="charsets"\r\n\r\n${charsets}\r\n`),
      Buffer.from('--xYzZY\r\nContent-Disposition: form-data; name="text"\r\n\r\n'),
      text,
      Buffer.from('\r\n--xYzZY--\r\n'),
    ])
  const read = async (charsets: string, text: Buffer) => (await parseInbound(TYPE, body(charsets, text))).text
  assert.equal(await read('not json', Buffer.from('é')), 'é')
  assert.equal(await read('{"text":"x-unknown"}', Buffer.from('é', 'latin1')), 'é')
  assert.equal(await read('{"text":5}', Buffer.from('é')), 'é')
  assert.equal(await read('{"text":"utf-8"}', Buffer.from('é', 'latin1')), '\ufffd')
  assert.equal(await read('{"text":"utf-8"}', Buffer.from('a\0b')), 'a\ufffdb')
})

test('a machine’s answer is marked, so that no machine answers it', async () => {
  for (const header of [
    'Auto-Submitted: auto-replied',
    'Precedence: bulk',
    'X-Autoreply: yes',
    'List-Id: <a.example>',
  ]) {
    assert.equal((await parse({ ...HI, headers: [header] })).isAutomatic, true, header)
  }
  assert.equal((await parse({ ...HI, envelope: { from: '', to: [] } })).isAutomatic, true)
  assert.equal((await parse({ ...HI, headers: ['Auto-Submitted: no'] })).isAutomatic, false)
  const raw = 'From: ada@example.org\nAuto-Submitted: auto-generated\nSubject: Away\n\nI am away.'
  assert.equal((await parse({ ...HI, raw })).isAutomatic, true)
})

test('a raw email gives its ids, images and files, and names its files without folders', async () => {
  const raw = [
    'From: =?utf-8?q?Ad=C3=A4?= <ada@example.org>',
    'To: Friends: team@in.example.com, bob@example.com;',
    'Message-ID: <new@example.org>',
    'In-Reply-To: <2@example.com>',
    'References: <1@example.com>',
    ' <2@example.com>',
    'Subject: =?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/html; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<p>Gr=FC=DFe <img src=3D"cid:logo"></p>',
    '--b',
    'Content-Type: image/png; name="../../etc/logo.png"',
    'Content-ID: <logo>',
    'Content-Transfer-Encoding: base64',
    '',
    'iVBORw==',
    '--b--',
    '',
  ].join('\n')
  const email = await parse({ ...HI, raw })
  assert.deepEqual(email.from, { address: 'ada@example.org', name: 'Adä' })
  assert.deepEqual(
    email.to.map(({ address }) => address),
    ['team@in.example.com', 'bob@example.com'],
  )
  assert.equal(email.subject, 'こんにちは')
  assert.equal(email.inReplyTo, '2@example.com')
  assert.deepEqual(email.references, ['1@example.com', '2@example.com'])
  assert.equal(email.html?.trim(), '<p>Grüße <img src="cid:logo"></p>')
  assert.equal(email.text, null)
  const [logo] = email.attachments
  assert.deepEqual([logo!.name, logo!.contentId, logo!.bytes.toString('base64')], ['logo.png', 'logo', 'iVBORw=='])
})

test('what is no form, or not all of it, is refused', async () => {
  const { contentType, body } = makeInbound(HI)
  const refused = { code: 'invalid_request' }
  await assert.rejects(parseInbound('application/json', Buffer.from('{}')), refused)
  await assert.rejects(parseInbound('multipart/form-data', body), refused)
  await assert.rejects(parseInbound('', body), refused)
  for (const end of [40, 120, body.length - 200]) {
    await assert.rejects(parseInbound(contentType, body.subarray(0, end)), refused, String(end))
  }
  const part = '--xYzZY\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n'
  await assert.rejects(parseInbound(TYPE, Buffer.from(`${part.repeat(300)}--xYzZY--\r\n`)), refused)
})

function formOf(fields: Record<string, string>, files: [string, string, string, string][] = []): Buffer {
  const part = (disposition: string, type: string, content: string) =>
    `--xYzZY\r\nContent-Disposition: form-data; ${disposition}\r\n${type}\r\n${content}\r\n`
  const parts = [
    ...Object.entries(fields).map(([name, value]) => part(`name="${name}"`, '', value)),
    ...files.map(([name, file, type, content]) =>
      part(`name="${name}"; filename="${file.replaceAll('\\', '\\\\')}"`, `Content-Type: ${type}\r\n`, content),
    ),
  ]
  return Buffer.from(`${parts.join('')}--xYzZY--\r\n`)
}
