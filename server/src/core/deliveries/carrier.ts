import type { Readable } from 'node:stream'

/** How a message travels. */
export type Transport = 'sms' | 'whatsapp' | 'email'

/** A file that goes with a message. */
export type CarriedFile = {
  name: string
  contentType: string
  sizeBytes: number
  /** Where a carrier that fetches it finds the bytes, for a few hours; signed. */
  url: string
  /** For a carrier that is given the bytes. */
  open(): Promise<Readable>
}

/** What only an email has. */
export type EmailParts = {
  subject: string
  /** The name beside the sender's address. */
  fromName: string | null
  /** The body as HTML, beside the plain text; null for none. */
  html: string | null
  cc: string[]
  bcc: string[]
  /** This message's Message-ID, without its brackets: given by us, so that a repeat is the same message. */
  messageId: string
  /** The Message-ID that it answers, and those before it, oldest first; without brackets. */
  inReplyTo: string | null
  references: string[]
}

/** A message as it is handed to a carrier. */
export type Outgoing = {
  /** Comes back in what the carrier reports, where the carrier can. */
  deliveryId: string
  transport: Transport
  /** E.164 for SMS and WhatsApp, else an email address. */
  from: string
  to: string
  /** Plain text, up to 40,000 characters; may be empty where there are files. */
  body: string
  files: CarriedFile[]
  /** Present for email only. */
  email: EmailParts | null
  /** Where the carrier is to report what becomes of it; null where it cannot reach us. */
  statusUrl: string | null
}

/** How handing over ended. */
export type Handover =
  /** The carrier has it, under this id of its own. */
  | { outcome: 'accepted'; carrierId: string; carrierStatus: string }
  /**
   * It has it not, for sure. Final: never the same way again. Otherwise it may be handed over again, at the earliest
   * after `retryAfterMs` where the carrier said so. `isDown`: the carrier itself could not be reached or is out of order,
   * whatever the message.
   */
  | {
      outcome: 'refused'
      isFinal: boolean
      code: string
      reason: string
      retryAfterMs: number | null
      isDown?: boolean
    }
  /** Nobody can know: the request may have arrived, its answer did not. It must not be handed over again. */
  | { outcome: 'unknown'; code: string; reason: string }

/** Carries messages to people's phones and mailboxes. One per vendor. */
export type Carrier = {
  /** The vendor, as in `twilio`. */
  name: string
  transports: readonly Transport[]
  /** Never throws for what the carrier or the network does. The signal breaks it off: unknown, unless nothing was written yet. */
  handOver(message: Outgoing, signal: AbortSignal): Promise<Handover>
  /**
   * What became of a message whose handover ended unknown: its id and state at the carrier, null where the carrier does
   * not have it, undefined where it cannot say.
   */
  find(
    message: Outgoing,
    since: string,
    signal: AbortSignal,
  ): Promise<{ carrierId: string; carrierStatus: string } | null | undefined>
  close(): Promise<void>
}
