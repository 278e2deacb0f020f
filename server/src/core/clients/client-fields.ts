import { domainToASCII } from 'node:url'
import { parseNetwork } from '../../platform/network-list.ts'
import { AppError, type FieldProblems, invalidField } from '../errors.ts'
import { parseName } from '../name.ts'
import { parseFields } from '../parse-fields.ts'
import { CLIENT_LIST_MAX, CLIENT_NAME } from './schema.ts'

/** What somebody says of a client. An empty list narrows nothing, like null. */
export type ClientInput = {
  name: string
  domain: string
  allowedIps?: string[] | null
  allowedSubdomains?: string[] | null
}

export type ClientFields = Required<ClientInput>

/** Reads all of it, and refuses with all that is wrong. */
export function parseClientFields(input: ClientInput): ClientFields {
  return parseFields<ClientFields>({
    name: () => parseName(input.name, CLIENT_NAME),
    domain: () => parseClientDomain(input.domain),
    allowedIps: () => parseList(input.allowedIps, IPS),
    allowedSubdomains: () => parseList(input.allowedSubdomains, subdomainsOf(input.domain)),
  })
}

function parseClientDomain(text: string): string {
  const host = parseHostName(text)
  if (host === undefined) {
    throw invalidField('domain', 'must be a host name such as example.com, without scheme, port or path')
  }
  return host
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/
const NOT_A_NAME = /[^\w.\-\u{80}-\u{10ffff}]/u
const HOST_LENGTH_MAX = 253

/** In lower case and ASCII; undefined where it is no name of a host. */
function parseHostName(text: string): string | undefined {
  // The conversion would silently leave out what follows a slash or a port.
  const host = NOT_A_NAME.test(text.trim()) ? '' : domainToASCII(text.trim())
  const labels = host.split('.')
  // What ends in a number is an address to a browser, not a name.
  const isHost = host.length <= HOST_LENGTH_MAX && labels.every((label) => LABEL.test(label))
  return isHost && !/^\d+$/.test(labels.at(-1)!) ? host : undefined
}

type ListRule = {
  field: string
  /** Undefined where it is not what is expected. */
  parse(text: string): string | undefined
  problem: string
}

const IPS: ListRule = {
  field: 'allowed_ips',
  parse: (text) => parseNetwork(text.trim()),
  problem: 'must be an IPv4 or IPv6 address, or a network such as 192.0.2.0/24',
}

function subdomainsOf(domain: string): ListRule {
  const parent = parseHostName(domain) ?? domain
  return {
    field: 'allowed_subdomains',
    parse: (text) => {
      const name = parseHostName(text)
      return !name?.includes('.') || name.endsWith(`.${parent}`) ? name : undefined
    },
    problem: `must be a label such as app, or a name such as app.${parent}`,
  }
}

function parseList(texts: string[] | null | undefined, { field, parse, problem }: ListRule): string[] | null {
  if (!texts || texts.length === 0) return null
  if (texts.length > CLIENT_LIST_MAX) throw invalidField(field, `must have at most ${CLIENT_LIST_MAX} items`)
  const problems: FieldProblems = {}
  const items = texts.map((text, i) => {
    const item = parse(text)
    if (item === undefined) problems[`${field}.${i}`] = [problem]
    return item!
  })
  if (Object.keys(problems).length > 0) throw new AppError('invalid_request', { fields: problems })
  return [...new Set(items)]
}
