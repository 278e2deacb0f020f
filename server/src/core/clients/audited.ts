import type { Client, ClientToken } from './schema.ts'

/** What the audit trail keeps of a client. */
export function describeClient({ name, domain, allowedIps, allowedSubdomains }: Client): Record<string, unknown> {
  return { name, domain, allowedIps, allowedSubdomains }
}

/** What it keeps of a token: enough to know which one it was. */
export function describeToken({ id, isLive, hint, expiresAt }: ClientToken): Record<string, unknown> {
  return { id, isLive, hint, expiresAt }
}
