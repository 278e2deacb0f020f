import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import type { AddressRules } from './address-rules.ts'
import type { ResolveAddresses } from './resolve-addresses.ts'

/** A connection was refused before anything was sent. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError'
}

type Guard = { rules: AddressRules; resolve: ResolveAddresses; timeoutMs: number }

/**
 * Opens connections only to addresses that the rules allow. The address that is checked is the one that is connected to:
 * a name that is resolved once for the check and once more for the connection could answer differently. Without
 * encryption only addresses that the list names are called.
 */
export function createGuardedConnector({ rules, resolve, timeoutMs }: Guard): buildConnector.connector {
  const build = (isAllowed: (address: string) => boolean) =>
    buildConnector({ timeout: timeoutMs, lookup: guardLookup(resolve, isAllowed), allowH2: false })
  const secure = build(rules.isAllowed)
  const plain = build(rules.isListed)
  return (options, callback) => {
    const isSecure = options.protocol === 'https:'
    const hostname = options.hostname.replace(/^\[|\]$/g, '')
    // A literal address is never looked up.
    if (isIP(hostname) !== 0 && !(isSecure ? rules.isAllowed : rules.isListed)(hostname)) {
      callback(new RefusedAddressError('the address is not public'), null)
      return
    }
    const connect = isSecure ? secure : plain
    connect(options, callback)
  }
}

function guardLookup(resolve: ResolveAddresses, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, { all }, callback) => {
    const give = async () => {
      const addresses = await resolve(hostname)
      // One that is not allowed spoils the name: whoever mixes them means no good.
      if (addresses.length === 0 || !addresses.every(isAllowed)) {
        throw new RefusedAddressError('the host name has an address that is not public')
      }
      return addresses.map((address) => ({ address, family: isIP(address) }))
    }
    give().then(
      (found) => (all ? callback(null, found) : callback(null, found[0]!.address, found[0]!.family)),
      (error: Error) => callback(error, []),
    )
  }
}
