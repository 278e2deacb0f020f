import type { Carrier } from '../core/deliveries/carrier.ts'
import type { Claim } from '../core/deliveries/claim-deliveries.ts'
import type { Appliers } from '../core/inbound-webhooks/schema.ts'
import type { ConfiguredSender } from '../core/senders/ensure-sender.ts'
import type { WebhookDoor } from '../http/webhook-doors.ts'

/** A vendor put together with the core: what it carries, where it tells us of things, and what we make of that. */
export type Integration = {
  carrier: Carrier
  doors: WebhookDoor[]
  appliers: Appliers
  /** The numbers and mailboxes that the configuration names. */
  senders: ConfiguredSender[]
  /** Where it is to report what becomes of a message; null where it cannot reach us. */
  statusUrl(claim: Claim): string | null
}
