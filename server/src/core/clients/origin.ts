import type { Client } from './schema.ts'

/** Whether a web page there is the client's: of its domain or one of its subdomains, whatever the scheme and the port. */
export function isOwnOrigin(
  { domain, allowedSubdomains }: Pick<Client, 'domain' | 'allowedSubdomains'>,
  origin: string,
) {
  const host = hostOf(origin)
  if (host === undefined) return false
  if (host === domain) return true
  if (!host.endsWith(`.${domain}`)) return false
  return allowedSubdomains === null || allowedSubdomains.includes(host.slice(0, -domain.length - 1))
}

/** Also of a bare host name, as some servers send it. */
function hostOf(origin: string): string | undefined {
  const url = URL.parse(origin.includes('://') ? origin : `https://${origin}`)
  const isBare = url !== null && url.pathname === '/' && url.search === '' && url.username === '' && url.hash === ''
  return isBare && url.hostname !== '' ? url.hostname.toLowerCase().replace(/\.$/, '') : undefined
}
