import { addMs, type Timestamp } from '../../platform/clock.ts'
import { invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'
import { parseMoment } from '../parse-moment.ts'
import { isUuid } from '../uuid.ts'

export const HAS = ['link', 'file', 'reaction', 'thread', 'mention'] as const
export type Has = (typeof HAS)[number]

/** A channel by its name, the direct conversation with somebody, or any conversation by its id. */
export type Place = { channel: string } | { person: string } | { id: string }

/** What a query asks for. Names are in lower case; the person `me` is the caller. */
export type SearchQuery = {
  /** What a message must hold, each somewhere in it: a word, or words in this order. */
  terms: { text: string; isPhrase: boolean }[]
  /** Any of these people wrote it; nobody in particular where it is empty. */
  from: string[]
  /** It stands in any of these; anywhere where it is empty. */
  in: Place[]
  /** Sent at this moment or later. */
  since: Timestamp | null
  /** Sent before this moment. */
  until: Timestamp | null
  has: Has[]
}

const CHARACTERS_MAX = 1_000
const PARTS_MAX = 50
const DAY = /^\d{4}-\d\d-\d\d$/
const DAY_MS = 24 * 60 * 60 * 1000

// An operator with its value, words in quotes, or a word; a quote that nobody closes goes on to the end.
const PART = /(?:(from|in|before|after|on|has):)?(?:"([^"]*)(?:"|$)|[“”]([^“”]*)(?:[“”]|$)|(\S*))/giu

/** Reads `deploy "went wrong" from:@bob in:#general has:link after:2026-01-31`. Refuses with `invalid_request` on `q`. */
export function parseQuery(text: string, now: Timestamp): SearchQuery {
  requireStorableText(text, 'q')
  if (text.length > CHARACTERS_MAX) throw refuse(`must have at most ${CHARACTERS_MAX} characters`)
  const query: SearchQuery = { terms: [], from: [], in: [], since: null, until: null, has: [] }
  let parts = 0
  for (const [part, operator, quoted, curly, bare = ''] of text.matchAll(PART)) {
    if (part === '') continue
    if (++parts > PARTS_MAX) throw refuse(`must have at most ${PARTS_MAX} words and operators`)
    const phrase = quoted ?? curly
    const value = phrase ?? bare
    if (operator === undefined) addTerm(query, value, phrase !== undefined)
    else applyOperator(query, { operator: operator.toLowerCase(), value: value.trim(), now })
  }
  return query
}

function addTerm(query: SearchQuery, text: string, isPhrase: boolean) {
  if (text.trim() !== '') query.terms.push({ text, isPhrase })
}

type Operator = { operator: string; value: string; now: Timestamp }

function applyOperator(query: SearchQuery, { operator, value, now }: Operator) {
  switch (operator) {
    case 'from':
      query.from.push(parsePerson(value))
      break
    case 'in':
      query.in.push(parsePlace(value))
      break
    case 'has':
      query.has.push(parseHas(value))
      break
    default:
      narrow(query, parseTime({ operator, value, now }))
  }
}

/** Of several dates the narrowest counts. */
function narrow(query: SearchQuery, { since, until }: Pick<SearchQuery, 'since' | 'until'>) {
  if (since !== null && (query.since === null || since > query.since)) query.since = since
  if (until !== null && (query.until === null || until < query.until)) query.until = until
}

function parsePerson(value: string): string {
  const name = value.replace(/^@/, '').toLowerCase()
  if (name === '') throw refuse('`from:` needs a person, as in from:@ada or from:me')
  return name
}

function parsePlace(value: string): Place {
  const name = value.replace(/^[#@]/, '').toLowerCase()
  if (name === '') throw refuse('`in:` needs a channel or a person, as in in:#general or in:@ada')
  if (value.startsWith('@')) return { person: name }
  return isUuid(name) ? { id: name } : { channel: name }
}

function parseHas(value: string): Has {
  const name = value.toLowerCase().replace(/s$/, '')
  const has = HAS.find((known) => known === name)
  if (has === undefined) throw refuse(`\`has:\` knows ${HAS.join(', ')}`)
  return has
}

/** `before:` and `after:` a day leave the day itself out. */
function parseTime({ operator, value, now }: Operator): Pick<SearchQuery, 'since' | 'until'> {
  const day = namedDay(value.toLowerCase(), now)
  const from = parseMoment(day ?? value)
  if (from === undefined) throw refuse(`\`${operator}:\` needs a date, as in ${operator}:2026-01-31`)
  const isDay = day !== undefined || DAY.test(value)
  if (operator === 'before') return { since: null, until: from }
  if (operator === 'after') return { since: addMs(from, isDay ? DAY_MS : 1), until: null }
  const midnight = `${from.slice(0, 10)}T00:00:00.000Z`
  return { since: midnight, until: addMs(midnight, DAY_MS) }
}

function namedDay(value: string, now: Timestamp): string | undefined {
  if (value === 'today') return now.slice(0, 10)
  if (value === 'yesterday') return addMs(now, -DAY_MS).slice(0, 10)
  return undefined
}

function refuse(problem: string): Error {
  return invalidField('q', problem)
}
