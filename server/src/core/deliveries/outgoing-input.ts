import type { Transport } from './carrier.ts'

export type SendToContact = {
  workspaceId: string
  conversationId: string
  transport: Transport
  /** Plain text: up to 1,600 characters over SMS, 4,096 over WhatsApp, 40,000 in an email. May be empty beside files. */
  body: string
  /** An address of the contact, or a new one of theirs; their primary one where it is missing. */
  to?: string | null
  /** An address of the workspace; its default one of the transport where it is missing. */
  from?: string | null
  /** The sender's own completed uploads. */
  fileIds?: string[]
  /** For emails only, and needed there. */
  email?: EmailInput | null
  /** The sender's name for this message: a second send with it answers with the first one's message. */
  clientId?: string | null
}

export type EmailInput = {
  /** One line, up to 998 characters. */
  subject: string
  fromName?: string | null
  /** The body as HTML beside the plain text, up to 1 MB. */
  html?: string | null
  /** Up to 50 addresses each. */
  cc?: string[]
  bcc?: string[]
}
