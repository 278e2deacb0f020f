import { Resolver } from 'node:dns/promises'

/** All addresses of a host name; throws where there are none. */
export type ResolveAddresses = (hostname: string) => Promise<string[]>

const TRY_TIMEOUT_MS = 3_000
const TRIES = 2

/**
 * Asks the name servers themselves. The system's own look-up would keep one of Node's few threads for as long as a name
 * server is silent, and somebody else's name server can be silent on purpose. So names of /etc/hosts are not known.
 */
export function createResolveAddresses(): ResolveAddresses {
  const resolver = new Resolver({ timeout: TRY_TIMEOUT_MS, tries: TRIES })
  return async (hostname) => {
    if (isLocalhost(hostname)) return ['127.0.0.1', '::1']
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (addresses.length === 0) throw new Error('the host name has no address')
    return addresses
  }
}

/** `localhost` and all names under it, which never leave the machine. */
export function isLocalhost(hostname: string): boolean {
  return /(^|\.)localhost\.?$/i.test(hostname)
}
