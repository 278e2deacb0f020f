import { MARKS } from './build-document.ts'
import type { Has, SearchQuery } from './parse-query.ts'
import { type QueryToken, tokenizeQuery } from './tokenize.ts'

// The beginning of a single letter would be half of all words.
const PREFIX_CHARACTERS_MIN = 2

/**
 * What a document must hold, in PostgreSQL's notation; empty where the query asks for nothing of it. The last word,
 * which may still be typed, stands for all words that begin with it.
 */
export function buildCondition({ terms, has }: Pick<SearchQuery, 'terms' | 'has'>): string {
  const lastWord = terms.findLastIndex(({ isPhrase }) => !isPhrase)
  const phrases = terms.flatMap(({ text }, i) => {
    const tokens = tokenizeQuery(text)
    return tokens.length === 0 ? [] : [buildPhrase(i === lastWord ? openEnd(tokens) : tokens)]
  })
  const marks = has.flatMap((one) => (isMark(one) ? [`'${MARKS[one]}'`] : []))
  return [...phrases, ...marks].join(' & ')
}

function openEnd(tokens: QueryToken[]): QueryToken[] {
  const last = tokens.at(-1)!
  const isPrefix = last.isPrefix || [...last.lexeme].length >= PREFIX_CHARACTERS_MIN
  return [...tokens.slice(0, -1), { ...last, isPrefix }]
}

/** `'went' <-> 'wrong':*`, each at its distance from the one before. */
function buildPhrase(tokens: QueryToken[]): string {
  const parts = tokens.map(({ lexeme, position, isPrefix }, i) => {
    const distance = i === 0 ? '' : ` <${position - tokens[i - 1]!.position}> `
    return `${distance}'${lexeme}'${isPrefix ? ':*' : ''}`
  })
  return `(${parts.join('')})`
}

function isMark(has: Has): has is keyof typeof MARKS {
  return has in MARKS
}
