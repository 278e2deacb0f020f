// What Inbound Parse posts for an email, byte for byte as SendGrid lays it out.

import iconv from 'iconv-lite'

export type InboundFile = {
  name: string
  contentType: string
  contentId?: string
  /** Base64. */
  content: string
}

export type Inbound = {
  from: string
  to: string
  cc?: string
  subject?: string
  text?: string
  html?: string
  /** Header lines beside From, To, Subject and Date, as `In-Reply-To: <a@example.com>`. */
  headers?: string[]
  messageId?: string
  /** Of the fields; UTF-8 unless said, as in `{ text: 'iso-8859-1' }`. */
  charsets?: Record<string, string>
  files?: InboundFile[]
  envelope?: { from: string; to: string[] }
  /** The whole email, where "send raw" is on. */
  raw?: string
  spamScore?: number
}

const BOUNDARY = 'xYzZY'

export function makeInbound(inbound: Inbound): { contentType: string; body: Buffer } {
  const parts: Buffer[] = []
  const charsets: Record<string, string> = {}
  const add = (disposition: string, bytes: Buffer, contentType?: string) => {
    const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n${type}\r\n`
    parts.push(Buffer.from(head), bytes, Buffer.from('\r\n'))
  }
  const field = (name: string, text: string | undefined) => {
    if (text === undefined) return
    const charset = inbound.charsets?.[name] ?? 'UTF-8'
    if (['to', 'cc', 'from', 'subject', 'text', 'html'].includes(name)) charsets[name] = charset
    add(`name="${name}"`, iconv.encode(text, charset))
  }
  if (inbound.raw === undefined) {
    field('headers', writeHeaders(inbound))
    field('html', inbound.html)
    field('text', inbound.text)
    field('attachments', String(inbound.files?.length ?? 0))
  } else {
    add('name="email"', Buffer.from(inbound.raw.replaceAll(/\r?\n/g, '\r\n')))
  }
  field('dkim', '{@example.org : pass}')
  for (const name of ['to', 'cc', 'from', 'subject'] as const) field(name, inbound[name])
  field('sender_ip', '192.0.2.1')
  field('envelope', JSON.stringify(inbound.envelope ?? { to: [bare(inbound.to)], from: bare(inbound.from) }))
  field('SPF', 'pass')
  field('spam_score', inbound.spamScore?.toString())
  addFiles(inbound.files ?? [], add, field)
  field('charsets', JSON.stringify(charsets))
  parts.push(Buffer.from(`--${BOUNDARY}--\r\n`))
  return { contentType: `multipart/form-data; boundary=${BOUNDARY}`, body: Buffer.concat(parts) }
}

function addFiles(
  files: InboundFile[],
  add: (disposition: string, bytes: Buffer, contentType?: string) => void,
  field: (name: string, text: string) => void,
): void {
  if (files.length === 0) return
  const names = files.map((_, at) => `attachment${at + 1}`)
  const infos = files.map(({ name, contentType, contentId }, at) => [
    names[at],
    { filename: name, name, type: contentType, ...(contentId && { 'content-id': contentId }) },
  ])
  field('attachment-info', JSON.stringify(Object.fromEntries(infos)))
  const ids = files.flatMap(({ contentId }, at) => (contentId ? [[contentId, names[at]]] : []))
  if (ids.length > 0) field('content-ids', JSON.stringify(Object.fromEntries(ids)))
  for (const [at, { name, contentType, content }] of files.entries()) {
    add(`name="${names[at]}"; filename="${name}"`, Buffer.from(content, 'base64'), contentType)
  }
}

function writeHeaders({
  from,
  to,
  cc,
  subject,
  headers = [],
  messageId = `${Date.now()}@example.org`,
}: Inbound): string {
  const lines = ['MIME-Version: 1.0', `Date: ${new Date().toUTCString()}`, `Message-ID: <${messageId}>`, ...headers]
  const copies = cc === undefined ? [] : [`Cc: ${cc}`]
  return [...lines, `Subject: ${subject ?? ''}`, `From: ${from}`, `To: ${to}`, ...copies, ''].join('\n')
}

function bare(address: string): string {
  return /<([^>]+)>/.exec(address)?.[1] ?? address
}
