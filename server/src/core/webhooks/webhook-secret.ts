import { createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'
const SECRET_BYTES = 32

/** How long the secret before a rotation signs too, in milliseconds. */
export const SECRET_OVERLAP_MS = 24 * 60 * 60 * 1000

export function createWebhookSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64')
}

/** What a sealed secret belongs to. */
export function secretLabel(endpointId: string): string {
  return `webhook secret ${endpointId}`
}

export type SignedContent = { id: string; timestampS: number; body: string }

/** The value of `webhook-signature` as Standard Webhooks 1.0 has it: one signature for each secret. */
export function signWebhook({ id, timestampS, body }: SignedContent, secrets: readonly string[]): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
      return `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')}`
    })
    .join(' ')
}
