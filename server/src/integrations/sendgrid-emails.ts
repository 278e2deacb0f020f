import type { SystemActor } from '../core/actor.ts'
import { parseEmailAddress } from '../core/addresses/parse-email-address.ts'
import type { Context } from '../core/context.ts'
import { toText } from '../core/email/to-text.ts'
import { AppError } from '../core/errors.ts'
import { keepFile } from '../core/files/keep-file.ts'
import { receiveMessage } from '../core/inbound/receive-message.ts'
import type { Outcome, StoredWebhook } from '../core/inbound-webhooks/schema.ts'
import type { Attachment } from '../core/messages/schema.ts'
import { findSenderByAddress } from '../core/senders/queries.ts'
import type { InboundEmail } from '../providers/sendgrid/inbound-email.ts'
import { parseInbound } from '../providers/sendgrid/parse-inbound.ts'

/** An email that came in. */
export async function applyEmail(
  ctx: Context<SystemActor>,
  { body, headers, key, receivedAt }: StoredWebhook,
): Promise<Outcome> {
  const email = await readEmail(headers['content-type'] ?? '', body)
  const from = email && parseFrom(email)
  if (email === undefined || from === undefined) return 'ignored'
  const to = await findOwnAddress(ctx, email)
  if (to === undefined) return 'ignored'
  const { subject, html, inReplyTo, references, isAutomatic } = email
  const isOurs = await receiveMessage(ctx, {
    carrier: 'sendgrid',
    carrierId: email.messageId ?? key,
    transport: 'email',
    to,
    from: from.address,
    name: from.name,
    body: email.text?.trim() ? email.text : toText(html ?? ''),
    files: await keepFiles(ctx, email),
    email: { subject, html, inReplyTo, references, isAutomatic },
    receivedAt,
  })
  return isOurs ? 'applied' : 'ignored'
}

/** Undefined for what is no email: that will not change by trying again. */
async function readEmail(contentType: string, body: Buffer): Promise<InboundEmail | undefined> {
  try {
    return await parseInbound(contentType, body)
  } catch (error) {
    if (error instanceof AppError && error.kind === 'unprocessable') return undefined
    throw error
  }
}

function parseFrom({ from, envelope }: InboundEmail): { address: string; name: string | null } | undefined {
  for (const { address, name } of [from, { address: envelope.from ?? '', name: null }].filter((one) => one !== null)) {
    const parsed = tryParse(address)
    if (parsed !== undefined) return { address: parsed, name }
  }
  return undefined
}

/** The mailbox of ours that it came to: what the mail server was told counts, then what the headers say. */
async function findOwnAddress(ctx: Context, { envelope, to, cc }: InboundEmail): Promise<string | undefined> {
  for (const text of [...envelope.to, ...[...to, ...cc].map(({ address }) => address)].slice(0, 100)) {
    const address = tryParse(text)
    if (address === undefined) continue
    if ((await findSenderByAddress(ctx.db, { transport: 'email', address })) !== undefined) return address
  }
  return undefined
}

function tryParse(text: string): string | undefined {
  try {
    return parseEmailAddress(text, 'address').value
  } catch {
    return undefined
  }
}

async function keepFiles(ctx: Context, { attachments }: InboundEmail): Promise<Attachment[]> {
  const files: Attachment[] = []
  for (const { name, contentType, bytes } of attachments) {
    if (bytes.length === 0) continue
    files.push(await keepFile(ctx, { name, contentType, bytes, uploaderUserId: null }))
  }
  return files
}
