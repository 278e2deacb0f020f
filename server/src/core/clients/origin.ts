import type { KnownClient } from './client-cache.ts'

// What a browser sends: scheme, host, port. Some servers send a bare host. `null` and whatever else is no host of anybody.
const ORIGIN = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([a-z0-9._-]+)(?::\d{1,5})?$/

/**
 * Whether a page of this origin may call for the client: of its domain, or of a subdomain that it allows. Scheme and
 * port say nothing of whose page it is. Who sends no origin is no page.
 */
export function isOriginAllowed(
  { domain, subdomains }: Pick<KnownClient, 'domain' | 'subdomains'>,
  origin: string | undefined,
): boolean {
  if (origin === undefined) return true
  const host = ORIGIN.exec(origin.toLowerCase())?.[1]
  if (host === undefined) return false
  if (host === domain) return true
  return subdomains === null ? host.endsWith(`.${domain}`) : subdomains.has(host)
}
