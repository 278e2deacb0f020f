import type { SystemActor } from '../core/actor.ts'
import type { Context } from '../core/context.ts'
import { type DeliveryReport, receiveReports } from '../core/inbound/receive-reports.ts'
import type { Outcome, StoredWebhook } from '../core/inbound-webhooks/schema.ts'
import { type EmailEvent, parseEvents } from '../providers/sendgrid/parse-events.ts'

/** What SendGrid says has become of emails. */
export async function applyEvents(ctx: Context<SystemActor>, { body, receivedAt }: StoredWebhook): Promise<Outcome> {
  const reports = parseEvents(body).events.flatMap((event) => readReport(event, receivedAt) ?? [])
  const known = await receiveReports(ctx, reports)
  return known.includes(true) ? 'applied' : 'ignored'
}

/** What an event means; the others say nothing that changes how far an email has come. */
const STATUSES: Record<string, DeliveryReport['status']> = {
  processed: 'sent',
  deferred: 'sent',
  delivered: 'delivered',
  open: 'read',
  click: 'read',
  bounce: 'failed',
  dropped: 'failed',
}

function readReport(event: EmailEvent, receivedAt: string): DeliveryReport | undefined {
  const status = Object.hasOwn(STATUSES, event.event) ? STATUSES[event.event]! : undefined
  // Apple's proxy opens everything: that is no reader.
  if (status === undefined || (event.event === 'open' && event.isMachineOpen)) return undefined
  return {
    carrier: 'sendgrid',
    deliveryId: event.deliveryId,
    carrierId: event.carrierId,
    to: event.email,
    status,
    carrierStatus: event.event,
    code: status === 'failed' ? (event.status ?? event.type ?? event.event) : null,
    reason: status === 'failed' ? explain(event) : null,
    key: event.id,
    occurredAt: event.at ?? receivedAt,
  }
}

function explain({ event, type, reason }: EmailEvent): string {
  const said = reason === null ? '' : ` The mail server says: ${reason.slice(0, 500)}`
  if (event === 'dropped') {
    return `SendGrid did not send it, because this address bounced, complained or unsubscribed before: look at its suppressions.${said}`
  }
  if (type === 'blocked') return `The mail server of the recipient refused it for now: send it again later.${said}`
  return `The address cannot be reached: correct it.${said}`
}
