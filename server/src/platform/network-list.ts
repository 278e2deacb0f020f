import { BlockList, isIP } from 'node:net'

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
const PREFIX = /^(0|[1-9]\d{0,2})$/

/** An address or a network (CIDR) as it is kept, in lower case; undefined where it is neither. */
export function parseNetwork(text: string): string | undefined {
  const [address = '', prefix, ...rest] = text.toLowerCase().split('/')
  // The zone of a link-local address names an interface of one machine.
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return undefined
  if (prefix === undefined) return unmapped(address)
  const bits = isIP(address) === 4 ? 32 : 128
  return PREFIX.test(prefix) && Number(prefix) <= bits ? `${address}/${prefix}` : undefined
}

/** Which addresses are in any of some networks. */
export class NetworkList {
  readonly #list = new BlockList()

  /** Takes what `parseNetwork` gave. */
  constructor(networks: string[]) {
    for (const network of networks) {
      const [address, prefix] = network.split('/') as [string, string?]
      if (prefix === undefined) this.#list.addAddress(address, familyOf(address))
      else this.#list.addSubnet(address, Number(prefix), familyOf(address))
    }
  }

  /** An IPv4 address is the same however it is written. */
  has(address: string): boolean {
    const plain = unmapped(address)
    return isIP(plain) !== 0 && this.#list.check(plain, familyOf(plain))
  }
}

function unmapped(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}
