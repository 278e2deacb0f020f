import { removeOldWalks } from '../core/activity/remove-old-walks.ts'
import type { SystemActor } from '../core/actor.ts'
import { removeOldClientEvents } from '../core/client-events/remove-old-events.ts'
import type { Context } from '../core/context.ts'
import { removeExpiredFiles } from '../core/files/remove-expired-files.ts'
import { removeOldKeys } from '../core/idempotency/remove-old-keys.ts'
import { removeOldInboundWebhooks } from '../core/inbound-webhooks/remove-old-inbound-webhooks.ts'
import { trimEvents } from '../core/log/trim-events.ts'
import { raiseForUnknown } from '../core/manual-actions/raise-for-unknown.ts'
import { removeEndedSessions, removeExpiredTickets } from '../core/sessions/remove-ended-sessions.ts'
import { expireStatus } from '../core/users/expire-status.ts'
import { cancelRemainingDeliveries } from '../core/webhooks/cancel-deliveries.ts'
import { removeOldDeliveries } from '../core/webhooks/remove-old-deliveries.ts'
import { type Replay, replayDeliveries } from '../core/webhooks/replay-failed-deliveries.ts'

/** What a job of this name does, with the payload it was enqueued with. May run again after a crash, so twice must be the same as once. */
export type Task = (ctx: Context<SystemActor>, payload: unknown) => Promise<unknown>

export const TASKS: Record<string, Task> = {
  expire_status: (ctx, payload) => expireStatus(ctx, payload as { userId: string }),
  trim_events: (ctx) => trimEvents(ctx),
  remove_expired_files: (ctx) => removeExpiredFiles(ctx),
  remove_ended_sessions: (ctx) => removeEndedSessions(ctx),
  remove_expired_tickets: (ctx) => removeExpiredTickets(ctx),
  remove_old_idempotency_keys: (ctx) => removeOldKeys(ctx),
  remove_old_walks: (ctx) => removeOldWalks(ctx),
  remove_old_client_events: (ctx) => removeOldClientEvents(ctx),
  remove_old_webhook_deliveries: (ctx) => removeOldDeliveries(ctx),
  remove_old_inbound_webhooks: (ctx) => removeOldInboundWebhooks(ctx),
  raise_for_unknown_deliveries: (ctx) => raiseForUnknown(ctx),
  cancel_webhook_deliveries: (ctx, payload) => cancelRemainingDeliveries(ctx, payload as { endpointId: string }),
  replay_webhook_deliveries: (ctx, payload) => replayDeliveries(ctx, payload as Replay),
}

/** Tasks that run by the clock, once for all nodes. Minutes are spread, so that they do not meet. */
export const SCHEDULE: { task: string; match: string }[] = [
  { task: 'trim_events', match: '4,14,24,34,44,54 * * * *' },
  { task: 'remove_expired_files', match: '7,27,47 * * * *' },
  { task: 'remove_expired_tickets', match: '11,31,51 * * * *' },
  { task: 'remove_old_idempotency_keys', match: '16,46 * * * *' },
  { task: 'remove_old_walks', match: '2,12,22,32,42,52 * * * *' },
  { task: 'raise_for_unknown_deliveries', match: '3,13,23,33,43,53 * * * *' },
  { task: 'remove_ended_sessions', match: '38 * * * *' },
  { task: 'remove_old_webhook_deliveries', match: '9,39 * * * *' },
  { task: 'remove_old_inbound_webhooks', match: '28,58 * * * *' },
  { task: 'remove_old_client_events', match: '19,49 * * * *' },
]
