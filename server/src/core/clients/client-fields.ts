import { domainToASCII } from 'node:url'
import { parseAddressList } from '../../platform/address-list.ts'
import { invalidField } from '../errors.ts'
import { parseName } from '../name.ts'

const LIST_MAX = 100
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`)
const HOST_CHARACTERS_MAX = 253

export function parseClientName(text: string): string {
  return parseName(text, { field: 'name', charactersMax: 255 })
}

/** A host name: lower case, other scripts as DNS spells them. */
export function parseHost(text: string, field = 'domain'): string {
  const host = domainToASCII(text.trim()).toLowerCase()
  if (host === '' || host.length > HOST_CHARACTERS_MAX || !HOST.test(host)) {
    throw invalidField(field, 'must be a host name such as example.com, without scheme, port or path')
  }
  return host
}

export function parseAllowedIps(list: string[] | null): string[] | null {
  if (list === null) return null
  requireLength(list, 'allowed_ips')
  const allowed = list.map((text, i) => {
    const one = text.trim()
    if (!isNetwork(one)) {
      throw invalidField(
        `allowed_ips.${i}`,
        'must be an IP address or a network such as 203.0.113.0/24 or 2001:db8::/32',
      )
    }
    return one
  })
  return allowed
}

/** Labels such as `app`, or whole names under the domain. */
export function parseAllowedSubdomains(list: string[] | null, domain: string): string[] | null {
  if (list === null) return null
  requireLength(list, 'allowed_subdomains')
  return list.map((text, i) => {
    const name = parseHost(text, `allowed_subdomains.${i}`)
    return name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : name
  })
}

function requireLength(list: string[], field: string) {
  if (list.length > LIST_MAX) throw invalidField(field, `must have at most ${LIST_MAX} items`)
}

function isNetwork(text: string): boolean {
  try {
    parseAddressList([text])
    return true
  } catch {
    return false
  }
}
