import type { CreatedClient } from '../core/clients/create-client.ts'
import type { Client, ClientDetails, ClientToken, IssuedToken } from '../core/clients/schema.ts'
import type { Timestamp } from '../platform/clock.ts'

export function clientJson({ id, name, domain, livePublicKey, testPublicKey, ...client }: Client) {
  return {
    id,
    name,
    domain,
    public_key: livePublicKey,
    test: { public_key: testPublicKey },
    allowed_ips: client.allowedIps,
    allowed_subdomains: client.allowedSubdomains,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
    revoked_at: client.revokedAt,
  }
}

export function createdJson({ client, live, test }: CreatedClient) {
  const { public_key, test: testKeys, ...rest } = clientJson(client)
  return { ...rest, public_key, ...issuedJson(live), test: { ...testKeys, ...issuedJson(test) } }
}

export function issuedJson({ id, token, expiresAt }: IssuedToken) {
  return { token, token_id: id, expires_at: expiresAt }
}

export function detailsJson({ client, tokens }: ClientDetails) {
  return { ...clientJson(client), tokens: tokens.map(tokenJson) }
}

export function tokenJson({ id, isLive, hint, createdAt, expiresAt, revokedAt, lastUsedAt }: ClientToken) {
  return {
    id,
    livemode: isLive,
    hint,
    created_at: createdAt,
    expires_at: expiresAt,
    revoked_at: revokedAt,
    last_used_at: lastUsedAt,
  }
}

export function createdText({ client, live, test }: CreatedClient, baseUrl: string): string {
  return `Made client ${client.name} (${client.id}) for ${client.domain}.
Its tokens are shown only now:

  live  public key  ${client.livePublicKey}
        token       ${live.token}  (${expiryText(live.expiresAt)})
  test  public key  ${client.testPublicKey}
        token       ${test.token}  (${expiryText(test.expiresAt)})

Try it:
${curlText(baseUrl, { publicKey: client.testPublicKey, token: test.token })}`
}

export function curlText(baseUrl: string, { publicKey, token }: { publicKey: string; token: string }): string {
  return `  curl '${baseUrl}/api/v1/customers' -H 'Authorization: Bearer ${token}' -H 'X-Public-Key: ${publicKey}'`
}

export function detailsText({ client, tokens }: ClientDetails): string {
  const lines = [
    `${client.name} (${client.id})${client.revokedAt === null ? '' : `, revoked ${client.revokedAt}`}`,
    `  domain           ${client.domain}`,
    `  subdomains       ${client.allowedSubdomains?.join(', ') ?? 'all'}`,
    `  addresses        ${client.allowedIps?.join(', ') ?? 'any'}`,
    `  live public key  ${client.livePublicKey}`,
    `  test public key  ${client.testPublicKey}`,
    `  made             ${client.createdAt}`,
    ...tokens.map((token) => `  ${token.isLive ? 'live' : 'test'} token       ${tokenText(token)}`),
  ]
  return lines.join('\n')
}

function tokenText({ id, hint, expiresAt, lastUsedAt }: ClientToken): string {
  return `…${hint}  ${expiryText(expiresAt)}, ${lastUsedAt === null ? 'not used yet' : `last used ${lastUsedAt}`}  (${id})`
}

export function lineText({ id, name, domain, revokedAt }: Client): string {
  return `${id}  ${domain.padEnd(30)} ${name}${revokedAt === null ? '' : '  (revoked)'}`
}

export function expiryText(expiresAt: Timestamp | null): string {
  return expiresAt === null ? 'never expires' : `expires ${expiresAt}`
}
