import type { Timestamp } from '../../platform/clock.ts'
import type { Transport } from '../deliveries/carrier.ts'

/** A number or a mailbox of a workspace: where it is reached, and from where it sends. */
export type Sender = {
  id: string
  workspaceId: string
  transport: Transport
  /** E.164, or an email in lower case. */
  address: string
  /** What people see beside an email address. */
  name: string | null
  /** Who carries for it, as in `twilio`. */
  carrier: string
  /** The one of its transport that is used where nobody says which. */
  isDefault: boolean
  createdAt: Timestamp
  updatedAt: Timestamp
}
