import type { Timestamp } from '../../platform/clock.ts'
import type { Sealer } from '../../platform/crypto/sealer.ts'
import type { OutgoingHttp, OutgoingReply } from '../../platform/http/outgoing.ts'
import type { Claim } from './claim-deliveries.ts'
import { EXCERPT_BYTES_MAX, isExpired } from './judge-reply.ts'
import type { PresentEvent, WebhookEvent } from './schema.ts'
import { secretLabel, signWebhook } from './webhook-secret.ts'

export type Sending = { outgoing: OutgoingHttp; sealer: Sealer; present: PresentEvent; timeoutMs: number }

/** Makes one attempt. Its body is the same at every attempt, its timestamp and so its signature are not. */
export async function sendWebhook(sending: Sending, claim: Claim, now: Timestamp): Promise<OutgoingReply> {
  if (isExpired(claim)) return { error: 'the event is no longer kept' }
  const secrets = openSecrets(sending.sealer, claim, now)
  if (secrets === undefined) return { error: 'the secret cannot be read: rotate it' }
  const { id, body } = encodeBody(sending.present, claim)
  const timestampS = Math.floor(Date.parse(now) / 1_000)
  return sending.outgoing.post({
    url: claim.url,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Parlance-Webhooks/1.0',
      'webhook-id': id,
      'webhook-timestamp': String(timestampS),
      'webhook-signature': signWebhook({ id, timestampS, body }, secrets),
    },
    body,
    timeoutMs: sending.timeoutMs,
    responseBytesMax: EXCERPT_BYTES_MAX,
  })
}

function encodeBody(present: PresentEvent, claim: Claim): { id: string; body: string } {
  const presented = present(eventOf(claim), { isLive: claim.isLive })
  return { id: presented.id, body: JSON.stringify(presented) }
}

function eventOf({ eventId: id, eventType: type, position, data, eventCreatedAt, ...claim }: Claim): WebhookEvent {
  if (position === 0) {
    return { id, type: 'webhook.test', createdAt: claim.createdAt, data: { endpointId: claim.endpointId } }
  }
  // What the feed wrote is of the shapes that it writes.
  return { id, type, createdAt: eventCreatedAt, data } as WebhookEvent
}

/** The current one first; the one before it while it still signs. Undefined where the server's own secret is another. */
function openSecrets(sealer: Sealer, claim: Claim, now: Timestamp): string[] | undefined {
  const label = secretLabel(claim.endpointId)
  const current = sealer.open(claim.secret, label)
  if (current === undefined) return undefined
  const { previousSecret, previousSecretEndsAt } = claim
  const isOver = previousSecret === null || previousSecretEndsAt === null || previousSecretEndsAt <= now
  const previous = isOver ? undefined : sealer.open(previousSecret, label)
  return previous === undefined ? [current] : [current, previous]
}
