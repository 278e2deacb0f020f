import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Network = [Address, number]

/** Which addresses may be called although they are not public. */
export type AddressRules = {
  /** Whether a private address may be called at all. */
  allowsSome: boolean
  /** Whether this address was allowed by name. False for text that is no address. */
  isListed(address: string): boolean
  /** Whether it is public or was allowed by name. False for text that is no address. */
  isAllowed(address: string): boolean
}

/** Reads networks such as `10.0.0.0/8`, single addresses, and `*` for everything. Throws for anything else. */
export function createAddressRules(allowedPrivate: readonly string[]): AddressRules {
  const isEverything = allowedPrivate.includes('*')
  const networks = allowedPrivate.filter((text) => text !== '*').map(parseNetwork)
  const isListed = (text: string) => {
    const address = parseAddress(text)
    return address !== undefined && (isEverything || networks.some((network) => contains(network, address)))
  }
  const isPublic = (text: string) => {
    const address = parseAddress(text)
    return address !== undefined && isPublicAddress(address)
  }
  return {
    allowsSome: allowedPrivate.length > 0,
    isListed,
    isAllowed: (text) => isListed(text) || isPublic(text),
  }
}

function parseNetwork(text: string): Network {
  const [address = '', bits, ...rest] = text.split('/')
  const parsed = parseExactly(address)
  const bitsMax = parsed instanceof ipaddr.IPv6 ? 128 : 32
  const length = bits === undefined ? bitsMax : Number(bits)
  if (parsed === undefined || rest.length > 0 || bits === '' || !(length >= 0 && length <= bitsMax)) {
    throw new Error(`must list networks such as 10.0.0.0/8, not ${JSON.stringify(text)}`)
  }
  return [parsed, length]
}

/** An IPv6 address that only carries an IPv4 address is that one. */
function parseAddress(text: string): Address | undefined {
  const address = parseExactly(text)
  return address instanceof ipaddr.IPv6 ? (findCarried(address) ?? address) : address
}

/** The library alone takes `10.1` for an address, and `::8.8.8.8` for `::ffff:8.8.8.8`. */
function parseExactly(text: string): Address | undefined {
  if (isIPv4(text)) return ipaddr.IPv4.parse(text)
  // A zone names one of this machine's own interfaces, and no URL can have one.
  const hostname = isIPv6(text) ? URL.parse(`http://[${text}]/`)?.hostname : undefined
  return hostname === undefined ? undefined : ipaddr.IPv6.parse(hostname.slice(1, -1))
}

// Where the four bytes of the IPv4 address begin.
const CARRIERS: { network: [ipaddr.IPv6, number]; byte: number }[] = [
  { network: ipaddr.IPv6.parseCIDR('::ffff:0:0/96'), byte: 12 },
  { network: ipaddr.IPv6.parseCIDR('::ffff:0:0:0/96'), byte: 12 },
  { network: ipaddr.IPv6.parseCIDR('64:ff9b::/96'), byte: 12 },
  { network: ipaddr.IPv6.parseCIDR('2002::/16'), byte: 2 },
]

function findCarried(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const carrier = CARRIERS.find(({ network }) => address.match(network))
  return carrier && new ipaddr.IPv4(address.toByteArray().slice(carrier.byte, carrier.byte + 4))
}

function contains([network, bits]: Network, address: Address): boolean {
  if (network instanceof ipaddr.IPv4) return address instanceof ipaddr.IPv4 && address.match(network, bits)
  return address instanceof ipaddr.IPv6 && address.match(network, bits)
}

// All that was ever given out to the public; what lies outside, such as IPv4-compatible addresses, is for nobody.
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

function isPublicAddress(address: Address): boolean {
  if (address.range() !== 'unicast') return false
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST)
}
