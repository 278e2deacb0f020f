import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser'
import { invalidField } from '../../core/errors.ts'
import type { EmailAddress, InboundEmail } from './inbound-email.ts'
import { isAutomatic, parseIds, toAddresses } from './mail-headers.ts'
import { nameAttachment } from './name-attachment.ts'

const ATTACHMENTS_MAX = 200
const SUBJECT_CHARACTERS_MAX = 998

/** What the email itself says; the rest of an `InboundEmail` comes from who received it. */
export type RawEmail = Omit<InboundEmail, 'envelope' | 'spf' | 'dkim' | 'spamScore'>

/** Reads an email as it travels (RFC 5322, MIME). */
export async function parseRawEmail(bytes: Buffer): Promise<RawEmail> {
  const mail = await parseMime(bytes)
  const header = (name: string) => {
    const line = mail.headerLines.find(({ key }) => key === name)?.line
    return line?.slice(line.indexOf(':') + 1).trim()
  }
  return {
    messageId: parseIds(mail.messageId).at(0) ?? null,
    inReplyTo: parseIds(header('in-reply-to')).at(0) ?? null,
    references: parseIds(header('references')),
    date: mail.date && !Number.isNaN(mail.date.getTime()) ? mail.date.toISOString() : null,
    from: listAddresses(mail.from).at(0) ?? null,
    replyTo: listAddresses(mail.replyTo).at(0) ?? null,
    to: listAddresses(mail.to),
    cc: listAddresses(mail.cc),
    subject: withoutNul(mail.subject ?? '').slice(0, SUBJECT_CHARACTERS_MAX),
    text: mail.text === undefined ? null : withoutNul(mail.text),
    html: typeof mail.html === 'string' ? withoutNul(mail.html) : null,
    attachments: mail.attachments.slice(0, ATTACHMENTS_MAX).map(({ filename, contentType, contentId, content }) => ({
      name: nameAttachment(filename ?? '', contentType),
      contentType,
      contentId: contentId?.replace(/^<|>$/g, '') || null,
      bytes: content,
    })),
    isAutomatic: isAutomatic(header),
  }
}

async function parseMime(bytes: Buffer): Promise<ParsedMail> {
  try {
    // Neither form is made out of the other, and images stay where they are: that is for whoever shows the email.
    return await simpleParser(bytes, {
      skipHtmlToText: true,
      skipTextToHtml: true,
      skipTextLinks: true,
      skipImageLinks: true,
    })
  } catch {
    throw invalidField('email', 'must be an email as RFC 5322 has it')
  }
}

function listAddresses(found: AddressObject | AddressObject[] | undefined): EmailAddress[] {
  const objects = found === undefined ? [] : Array.isArray(found) ? found : [found]
  const entries = objects.flatMap(({ value }) => value.flatMap((one) => one.group ?? [one]))
  return toAddresses(entries)
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', '\ufffd')
}
