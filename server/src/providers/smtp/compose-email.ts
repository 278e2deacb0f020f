import MailComposer from 'nodemailer/lib/mail-composer'
import type { CarriedFile, EmailParts, Outgoing } from '../../core/deliveries/carrier.ts'

/** What most mail servers take, the attachments encoded. */
const EMAIL_BYTES_MAX = 30 * 1024 * 1024
const BASE64_GROWTH = 1.37
const REFERENCES_MAX = 20

/** Why an email cannot even be written down. */
export type EmailProblem = { problem: string; code: string; isFinal: boolean }

/** Writes an email as it travels (RFC 5322, MIME). Blind copies are named in the envelope only. */
export async function composeEmail(
  message: Outgoing & { email: EmailParts },
  signal: AbortSignal,
): Promise<Buffer | EmailProblem> {
  const { email } = message
  const fileBytes = message.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (fileBytes * BASE64_GROWTH + message.body.length + (email.html?.length ?? 0) > EMAIL_BYTES_MAX) {
    return { problem: 'The email is larger than 30 MB: send fewer or smaller files.', code: 'too_large', isFinal: true }
  }
  const attachments: { filename: string; contentType: string; content: Buffer }[] = []
  for (const file of message.files) {
    const content = await readFile(file, signal)
    if (content === undefined) {
      return { problem: `The file ${file.name} could not be read.`, code: 'file_unreadable', isFinal: false }
    }
    attachments.push({ filename: file.name, contentType: file.contentType, content })
  }
  const composer = new MailComposer({
    from: { name: email.fromName ?? '', address: message.from },
    to: { name: '', address: message.to },
    cc: email.cc.map((address) => ({ name: '', address })),
    subject: email.subject,
    text: message.body,
    ...(email.html !== null && { html: email.html }),
    attachments,
    messageId: `<${email.messageId}>`,
    ...(email.inReplyTo !== null && { inReplyTo: `<${email.inReplyTo}>` }),
    references: boundReferences(email.references).map((id) => `<${id}>`),
    // Nothing in a message may make this server read its own files or call others.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

function boundReferences(references: readonly string[]): readonly string[] {
  if (references.length <= REFERENCES_MAX) return references
  return [references[0]!, ...references.slice(1 - REFERENCES_MAX)]
}

async function readFile(file: CarriedFile, signal: AbortSignal): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of await file.open()) {
      signal.throwIfAborted()
      chunks.push(Buffer.from(chunk))
      bytes += chunks.at(-1)!.length
      if (bytes > file.sizeBytes) return undefined
    }
  } catch {
    return undefined
  }
  return bytes === file.sizeBytes ? Buffer.concat(chunks) : undefined
}
