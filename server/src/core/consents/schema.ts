import type { Timestamp } from '../../platform/clock.ts'
import type { Transport } from '../deliveries/carrier.ts'

/** Who said so: the person with a keyword, the carrier, a member of the workspace, or an import. */
export type ConsentSource = 'keyword' | 'carrier' | 'member' | 'import'

/**
 * Whether a person wants to hear from a workspace at an address over a transport, as of then. The newest of an address
 * and a transport counts; where there is none, they were never asked not to.
 */
export type Consent = {
  id: string
  workspaceId: string
  contactId: string
  transport: Transport
  /** In its one spelling: E.164, or an email in lower case. */
  address: string
  isOptedOut: boolean
  source: ConsentSource
  /** The word that was written, or what the carrier or the member said: up to 500 characters. */
  evidence: string | null
  /** The message with the word. */
  messageId: string | null
  /** The member who recorded it. */
  actorUserId: string | null
  /** When the person said so, as far as that is known; else when it was recorded. */
  createdAt: Timestamp
}

/** Where a consent counts. */
export type ConsentKey = { workspaceId: string; transport: Transport; address: string }
