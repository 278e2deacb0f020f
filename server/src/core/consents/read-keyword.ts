import type { Transport } from '../deliveries/carrier.ts'
import { KEYWORDS, type Keyword } from './keywords.ts'

// The longest keyword with what may stand around it.
const CHARACTERS_MAX = 64

/** Whether a message is one of the words by which people opt out, come back or ask for help; the whole of it, or none. */
export function readKeyword(body: string, transport: Transport = 'sms'): Keyword | null {
  return matchKeyword(body, transport)?.keyword ?? null
}

/** The same with the word, in capitals and without accents. */
export function matchKeyword(body: string, transport: Transport): { keyword: Keyword; word: string } | null {
  const text = body.trim()
  if (text.length > CHARACTERS_MAX) return null
  const word = fold(text)
  for (const keyword of ['out', 'in', 'help'] as const) {
    if (KEYWORDS[transport][keyword].has(word)) return { keyword, word }
  }
  return null
}

/** Case, width and accents away, with invisible characters, quotation marks and what ends a sentence. */
function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}]/gu, '')
    .toUpperCase()
    .replace(/^[\s"'“”„‘’«»‹›]+/u, '')
    .replace(/[\s\p{P}]+$/u, '')
    .replaceAll(/\s+/g, ' ')
}
