import { createAddressRules } from './http/address-rules.ts'

/** A wrong setting, as one sentence that names its variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export type Setting<T> = {
  variable: string
  type: string
  default: T
  unit?: string
  isSecret: boolean
  doc: string
  /** Throws an Error whose message ends the sentence “PARLANCE_X …”. */
  parse(text: string): T
}

export type Settings<Table extends Record<string, Setting<unknown>>> = {
  readonly [Key in keyof Table]: Table[Key] extends Setting<infer T> ? T : never
}

const E164 = /^\+[1-9]\d{6,14}$/

type IntegerBounds = { min: number; max: number; unit?: string }

export const settings = {
  text: <Default extends string | null>(
    variable: string,
    fallback: Default,
    doc: string,
  ): Setting<string | Default> => ({
    variable,
    type: 'text',
    default: fallback,
    isSecret: false,
    doc,
    parse: (text) => text,
  }),
  integer: (variable: string, fallback: number, doc: string, bounds: IntegerBounds): Setting<number> => ({
    variable,
    type: `integer ${bounds.min}–${bounds.max}`,
    default: fallback,
    ...(bounds.unit && { unit: bounds.unit }),
    isSecret: false,
    doc,
    parse: (text) => parseInteger(text, bounds),
  }),
  flag: (variable: string, fallback: boolean, doc: string): Setting<boolean> => ({
    variable,
    type: 'true or false',
    default: fallback,
    isSecret: false,
    doc,
    parse: parseFlag,
  }),
  choice: <const T extends string>(variable: string, fallback: T, choices: T[], doc: string): Setting<T> => ({
    variable,
    type: choices.join(', '),
    default: fallback,
    isSecret: false,
    doc,
    parse: (text) => parseChoice(text, choices),
  }),
  list: (variable: string, fallback: string[], doc: string): Setting<string[]> => ({
    variable,
    type: 'list, separated by commas',
    default: fallback,
    isSecret: false,
    doc,
    parse: splitList,
  }),
  networks: (variable: string, fallback: string[], doc: string): Setting<string[]> => ({
    variable,
    type: 'networks (CIDR), separated by commas',
    default: fallback,
    isSecret: false,
    doc,
    parse: (text) => {
      const networks = splitList(text)
      createAddressRules(networks)
      return networks
    },
  }),
  url: (variable: string, fallback: null, doc: string): Setting<string | null> => ({
    variable,
    type: 'URL',
    default: fallback,
    isSecret: false,
    doc,
    parse: parseUrl,
  }),
  secretUrl: (variable: string, fallback: null, doc: string): Setting<string | null> => ({
    variable,
    type: 'URL',
    default: fallback,
    isSecret: true,
    doc,
    parse: parseUrl,
  }),
  phone: (variable: string, fallback: null, doc: string): Setting<string | null> => ({
    variable,
    type: 'E.164',
    default: fallback,
    isSecret: false,
    doc,
    parse: (text) => {
      if (!E164.test(text)) throw new Error(`must be a number as in +14155238886, not ${JSON.stringify(text)}`)
      return text
    },
  }),
  secret: (variable: string, fallback: null, doc: string, { min }: { min: number }): Setting<string | null> => ({
    variable,
    type: 'text',
    default: fallback,
    isSecret: true,
    doc,
    parse: (text) => {
      if (text.length < min) throw new Error(`is shorter than ${min} characters`)
      return text
    },
  }),

  read<Table extends Record<string, Setting<unknown>>>(table: Table, env: NodeJS.ProcessEnv): Settings<Table> {
    const entries = Object.entries(table).map(([key, setting]) => [key, readOne(setting, env)])
    return Object.freeze(Object.fromEntries(entries)) as Settings<Table>
  },
}

function readOne(setting: Setting<unknown>, env: NodeJS.ProcessEnv): unknown {
  const text = env[setting.variable]
  if (text === undefined || text === '') return setting.default
  try {
    return setting.parse(text)
  } catch (error) {
    throw new ConfigError(`${setting.variable} ${error instanceof Error ? error.message : String(error)}.`)
  }
}

// Variables for tests and tools of this project, which the server itself does not read.
const OTHERS = /^PARLANCE_(TEST|BENCH|CONTRACTS)/

/** PARLANCE_ variables that no setting reads: a misspelt one would otherwise be silently without effect. */
export function listUnknownVariables(table: Record<string, Setting<unknown>>, env: NodeJS.ProcessEnv): string[] {
  const known = new Set(Object.values(table).map((setting) => setting.variable))
  return Object.keys(env).filter((name) => name.startsWith('PARLANCE_') && !known.has(name) && !OTHERS.test(name))
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function parseInteger(text: string, { min, max }: IntegerBounds): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new Error(`must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`)
  }
  return value
}

function parseFlag(text: string): boolean {
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw new Error(`must be true or false, not ${JSON.stringify(text)}`)
}

function parseChoice<T extends string>(text: string, choices: T[]): T {
  const choice = choices.find((one) => one === text)
  if (choice === undefined) throw new Error(`must be one of ${choices.join(', ')}, not ${JSON.stringify(text)}`)
  return choice
}

function parseUrl(text: string): string {
  // The text itself may hold a password, so it is not repeated.
  if (!URL.canParse(text)) throw new Error('is not a URL')
  return text
}
