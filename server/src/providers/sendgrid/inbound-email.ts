/** An address of a mail header, as it was written. */
export type EmailAddress = { address: string; name: string | null }

export type EmailAttachment = {
  /** Without any folder; never empty. */
  name: string
  contentType: string
  /** Without brackets; what the HTML refers to as `cid:`. */
  contentId: string | null
  bytes: Buffer
}

/** An email that came in. Ids are without brackets; texts are as they were written, in any script. */
export type InboundEmail = {
  messageId: string | null
  inReplyTo: string | null
  /** Oldest first. */
  references: string[]
  /** When it says that it was written, in ISO 8601. */
  date: string | null
  from: EmailAddress | null
  replyTo: EmailAddress | null
  to: EmailAddress[]
  cc: EmailAddress[]
  /** To whom the mail server was told to bring it, and to whom failures go: this, not the headers, is where it arrived. */
  envelope: { from: string | null; to: string[] }
  subject: string
  text: string | null
  html: string | null
  attachments: EmailAttachment[]
  /** What SendGrid found of SPF, as `pass`. */
  spf: string | null
  /** What it found of DKIM, as `{@example.org : pass}`. */
  dkim: string | null
  /** SpamAssassin's: from 5 on it is spam by custom. Null where the check is off. */
  spamScore: number | null
  /** An answer of a machine (out of office, a list, a bounce): never to be answered by another one. */
  isAutomatic: boolean
}
