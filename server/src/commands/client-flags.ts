import { parseFlags } from './parse-flags.ts'
import { UsageError } from './usage-error.ts'

const OPTIONS = {
  json: { type: 'boolean' },
  name: { type: 'string' },
  domain: { type: 'string' },
  'allow-ip': { type: 'string', multiple: true },
  'allow-any-ip': { type: 'boolean' },
  'allow-subdomain': { type: 'string', multiple: true },
  'allow-any-subdomain': { type: 'boolean' },
  expires: { type: 'string' },
  overlap: { type: 'string' },
  test: { type: 'boolean' },
  token: { type: 'string' },
} as const

type Flag = keyof typeof OPTIONS
export type Flags = ReturnType<typeof readFlags>['flags']

/** Reads the words after an action: at most one that is no flag, and only flags that the action takes. */
export function readFlags(args: string[], allowed: readonly Flag[]) {
  const options = Object.fromEntries(
    Object.entries(OPTIONS).filter(([name]) => name === 'json' || allowed.includes(name as Flag)),
  )
  return parseFlags(args, { options: options as typeof OPTIONS, command: 'client' })
}

/** Undefined where neither flag is there; null for the one that takes what narrows it away. */
export function readList(flags: Flags, name: 'ip' | 'subdomain'): string[] | null | undefined {
  const items = flags[`allow-${name}`]
  if (!flags[`allow-any-${name}`]) return items
  if (items !== undefined) throw new UsageError(`--allow-${name} and --allow-any-${name} exclude each other.`)
  return null
}

export function requireFlag(flags: Flags, name: 'name' | 'domain'): string {
  const value = flags[name]
  if (value === undefined) throw new UsageError(`Say --${name}: see \`parlance client help\`.`)
  return value
}

const FLAGS: Record<string, string> = {
  name: '--name',
  domain: '--domain',
  allowed_ips: '--allow-ip',
  allowed_subdomains: '--allow-subdomain',
  expires_at: '--expires',
}

/** Which flag a field of the operation came from. */
export function flagOf(field: string): string {
  return FLAGS[field.split('.', 1)[0]!] ?? field
}
