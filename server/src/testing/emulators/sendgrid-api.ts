import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SentMail } from './sendgrid-events.ts'
import { remember, type SendgridFault, type SendgridState } from './sendgrid-state.ts'
import { findMailErrors, type MailSend, type SendgridError } from './sendgrid-validate.ts'

const BODY_BYTES_MAX = 42 * 1024 * 1024

/** `POST /v3/mail/send`, and nothing else. */
export async function answerApi(
  state: SendgridState,
  { req, reply, onAccepted }: { req: IncomingMessage; reply: ServerResponse; onAccepted: (mail: SentMail) => void },
): Promise<void> {
  const fault = state.faults.shift()
  if (fault?.kind === 'cut') {
    req.socket.destroy()
    return
  }
  const body = await readBody(req)
  if (req.url !== '/v3/mail/send') return refuse(reply, 404, 'not found')
  if (req.method !== 'POST') return refuse(reply, 405, 'method not allowed')
  if (req.headers.authorization !== `Bearer ${state.apiKey}`) {
    return refuse(reply, 401, 'The provided authorization grant is invalid, expired, or revoked')
  }
  if (body === undefined) return refuse(reply, 413, 'Payload too large')
  if (fault?.kind === 'answer' || fault?.kind === 'rate_limited') return fail(reply, fault)
  const mail = parse(body)
  if (mail === undefined) return refuse(reply, 400, 'Bad Request')
  const errors = findMailErrors(mail)
  if (errors.length > 0) return send(reply, 400, { errors })
  if (state.verifiedSenders.length > 0 && !state.verifiedSenders.includes(String(mail.from?.email))) {
    const message =
      'The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.'
    return send(reply, 403, { errors: [{ message, field: 'from', help: null }] })
  }
  accept(state, mail, { reply, fault, onAccepted, bytes: body.length })
}

function accept(
  state: SendgridState,
  mail: MailSend,
  {
    reply,
    fault,
    onAccepted,
    bytes,
  }: { reply: ServerResponse; fault?: SendgridFault; onAccepted: (mail: SentMail) => void; bytes: number },
): void {
  const id = randomBytes(16).toString('base64url')
  const recipients = (mail.personalizations ?? []).flatMap(({ to = [], cc = [], bcc = [] }) => [...to, ...cc, ...bcc])
  const sent: SentMail = {
    id,
    bytes,
    body: mail,
    recipients: recipients.map(({ email }) => String(email)),
    customArgs: mail.custom_args ?? {},
    smtpId: mail.headers?.['Message-ID'] ?? `<${id}@geopod-ismtpd-1>`,
  }
  remember(state, sent)
  if (fault?.kind === 'accept_and_cut') reply.socket?.destroy()
  else if (fault?.kind === 'accept_and_cut_answer') reply.socket?.end('HTTP/1.1 202 Acc')
  else if (fault?.kind === 'accept_and_fail') refuse(reply, fault.status, 'internal server error')
  else if (fault?.kind !== 'hang') reply.writeHead(202, { 'x-message-id': id, 'content-length': 0 }).end()
  onAccepted(sent)
}

function fail(reply: ServerResponse, fault: Extract<SendgridFault, { kind: 'answer' | 'rate_limited' }>): void {
  if (fault.kind === 'answer') {
    const text =
      fault.body ?? JSON.stringify({ errors: [{ message: 'internal server error', field: null, help: null }] })
    reply.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(text)
    return
  }
  const resetAt = Math.ceil(Date.now() / 1_000) + fault.retryAfterSeconds
  reply.setHeader('retry-after', fault.retryAfterSeconds)
  reply.setHeader('x-ratelimit-limit', 600)
  reply.setHeader('x-ratelimit-remaining', 0)
  reply.setHeader('x-ratelimit-reset', resetAt)
  refuse(reply, 429, 'too many requests')
}

function refuse(reply: ServerResponse, status: number, message: string): void {
  const error: SendgridError = { message, field: null, help: null }
  send(reply, status, { errors: [error] })
}

function send(reply: ServerResponse, status: number, body: object): void {
  reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of req) {
    bytes += chunk.length
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk)
  }
  return bytes > BODY_BYTES_MAX ? undefined : Buffer.concat(chunks).toString('utf8')
}

function parse(body: string): MailSend | undefined {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
