import type { CreatedClient } from '../core/clients/create-client.ts'
import type { Client, ClientToken, NewToken } from '../core/clients/schema.ts'

export function presentClient(client: Client) {
  return {
    id: client.id,
    name: client.name,
    domain: client.domain,
    public_key: client.livePublicKey,
    test_public_key: client.testPublicKey,
    allowed_ips: client.allowedIps,
    allowed_subdomains: client.allowedSubdomains,
    created_at: client.createdAt,
    updated_at: client.updatedAt,
    revoked_at: client.revokedAt,
  }
}

export function presentToken({ id, isLive, hint, createdAt, expiresAt, revokedAt, lastUsedAt }: ClientToken) {
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

/** The live pair at the top, the test pair beside it. */
export function presentCreated({ client, live, test }: CreatedClient) {
  return {
    ...presentClient(client),
    token: live.token,
    expires_at: live.expiresAt,
    test: { public_key: client.testPublicKey, token: test.token, expires_at: test.expiresAt },
  }
}

export function printCreated({ client, live, test }: CreatedClient): string {
  return `Made the client ${client.name} (${client.id}).

  Live   public key  ${client.livePublicKey}
         token       ${live.token}
  Test   public key  ${client.testPublicKey}
         token       ${test.token}

The tokens are shown only now. Live and test data are apart. Try it:

  curl ${URL}/api/v1/customers \\
    -H 'Authorization: Bearer ${test.token}' \\
    -H 'X-Public-Key: ${client.testPublicKey}'`
}

const URL = 'http://127.0.0.1:3000'

export function printToken(token: NewToken, publicKey: string): string {
  return `A new ${token.isLive ? 'live' : 'test'} token, shown only now:

  public key  ${publicKey}
  token       ${token.token}${token.expiresAt === null ? '' : `\n  until       ${token.expiresAt}`}`
}

export function printClients(clients: Client[]): string {
  if (clients.length === 0) return 'There are no clients yet: parlance client create --name … --domain …'
  return table([
    ['ID', 'NAME', 'DOMAIN', 'LIVE KEY', 'STATE'],
    ...clients.map(({ id, name, domain, livePublicKey, revokedAt }) => [
      id,
      name,
      domain,
      livePublicKey,
      revokedAt === null ? 'active' : `revoked ${revokedAt}`,
    ]),
  ])
}

export function printClient({ client, tokens }: { client: Client; tokens: ClientToken[] }): string {
  const facts = [
    ['id', client.id],
    ['name', client.name],
    ['domain', client.domain],
    ['live key', client.livePublicKey],
    ['test key', client.testPublicKey],
    ['calls from', client.allowedIps?.join(', ') ?? 'any address'],
    ['subdomains', client.allowedSubdomains?.join(', ') ?? 'all'],
    ['made', client.createdAt],
    ...(client.revokedAt === null ? [] : [['revoked', client.revokedAt]]),
  ]
  if (tokens.length === 0) return table(facts)
  const rows = tokens.map((token) => [
    token.id,
    token.isLive ? 'live' : 'test',
    `…${token.hint}`,
    token.lastUsedAt ?? 'never',
    token.revokedAt === null ? (token.expiresAt ?? 'no end') : `revoked ${token.revokedAt}`,
  ])
  return `${table(facts)}\n\n${table([['TOKEN', 'MODE', 'ENDS IN', 'LAST USED', 'UNTIL'], ...rows])}`
}

function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => [...row[i]!].length)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
