import { BlockList, isIP } from 'node:net'

/** Addresses and networks in CIDR, of both versions. */
export type AddressList = { has(address: string): boolean }

/** Reads a list such as `['203.0.113.7', '2001:db8::/32']`; throws RangeError for what is neither. */
export function parseAddressList(list: string[]): AddressList {
  const block = new BlockList()
  for (const text of list) {
    const [address = '', prefix] = text.split('/', 2)
    const version = isIP(address)
    const isWhole = prefix === undefined || /^\d{1,3}$/.test(prefix)
    if (version === 0 || !isWhole || text.split('/').length > 2)
      throw new RangeError('neither an address nor a network')
    const family = version === 4 ? 'ipv4' : 'ipv6'
    if (prefix === undefined) block.addAddress(address, family)
    else block.addSubnet(address, Number(prefix), family)
  }
  return {
    has: (text) => {
      // A socket that listens for both versions shows those of the older one in the newer's form.
      const address = text.replace(/^::ffff:(?=\d+\.)/i, '')
      return block.check(address, address.includes(':') ? 'ipv6' : 'ipv4')
    },
  }
}
