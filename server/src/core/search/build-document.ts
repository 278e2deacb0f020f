import type { Message } from '../messages/schema.ts'
import { type Token, tokenizeText } from './tokenize.ts'

const LINK = /\bhttps?:\/\/\S|\bwww\.\S/i

/** What a mark looks for; no word has a slash. */
export const MARKS = { link: '/link', file: '/file', mention: '/mention' }

// PostgreSQL keeps no more positions of one lexeme.
const POSITIONS_MAX = 255
// So that no phrase reaches from the text into the name of a file, or from one name into the next.
const GAP = 10

/** A message as PostgreSQL's text search keeps it: its words, the names of its files, and marks of what it has. */
export function buildDocument({
  body,
  attachments,
  mentions,
}: Pick<Message, 'body' | 'attachments' | 'mentions'>): string {
  const positions = new Map<string, number[]>()
  let next = 1
  for (const text of [body, ...attachments.map(({ name }) => name)]) {
    const tokens = tokenizeText(text, next)
    for (const token of tokens) addPosition(positions, token)
    next = (tokens.at(-1)?.position ?? next) + GAP
  }
  const words = [...positions].map(([lexeme, at]) => `'${lexeme}':${at.join(',')}`)
  const marks = [
    LINK.test(body) ? MARKS.link : null,
    attachments.length > 0 ? MARKS.file : null,
    mentions.length > 0 ? MARKS.mention : null,
  ]
  return [...words, ...marks.filter((mark) => mark !== null).map((mark) => `'${mark}'`)].join(' ')
}

function addPosition(positions: Map<string, number[]>, { lexeme, position }: Token) {
  const known = positions.get(lexeme)
  if (known === undefined) positions.set(lexeme, [position])
  else if (known.length < POSITIONS_MAX) known.push(position)
}
