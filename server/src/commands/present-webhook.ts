import type { InboundWebhook } from '../core/inbound-webhooks/list-inbound-webhooks.ts'

export function webhookJson({ id, kind, key, status, error, ...webhook }: InboundWebhook) {
  return {
    id,
    kind,
    key,
    status,
    attempts: webhook.attemptCount,
    error,
    body_bytes: webhook.bodyBytes,
    received_at: webhook.receivedAt,
    applied_at: webhook.appliedAt,
    due_at: webhook.dueAt,
  }
}

export function webhookText({ id, kind, key, status, error, attemptCount, receivedAt, dueAt }: InboundWebhook): string {
  const line = `${id}  ${receivedAt}  ${status.padEnd(7)}  ${kind.padEnd(16)}  ${key}`
  if (error === null) return line
  const next = dueAt === null ? '' : `, next ${dueAt}`
  return `${line}\n    after ${attemptCount} ${attemptCount === 1 ? 'attempt' : 'attempts'}${next}: ${error}`
}
