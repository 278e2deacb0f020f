import { randomBytes } from 'node:crypto'
import { invalidField } from '../errors.ts'

const DOMAIN_LENGTH_MAX = 63
const DOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

/** Reads a domain as somebody chose it; capital letters are the same as small ones. */
export function parseDomain(text: string): string {
  const domain = text.trim().toLowerCase()
  if (domain.length > DOMAIN_LENGTH_MAX)
    throw invalidField('domain', `must have at most ${DOMAIN_LENGTH_MAX} characters`)
  if (!DOMAIN.test(domain)) {
    throw invalidField('domain', 'must consist of a-z, 0-9 and hyphens, with no hyphen at its ends')
  }
  return domain
}

const STEM_LENGTH_MAX = DOMAIN_LENGTH_MAX - 7

/** A domain that looks like the workspace's name: `Böhm & Sons` gives `bohm-sons`. */
export function domainFromName(name: string): string {
  const letters = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const words = letters.split(/[^a-z0-9]+/).filter((word) => word !== '')
  return words.join('-').slice(0, STEM_LENGTH_MAX).replace(/-$/, '') || 'workspace'
}

/** The same with a suffix that is likely to be free. */
export function withSuffix(domain: string): string {
  return `${domain}-${randomBytes(3).toString('hex')}`
}
