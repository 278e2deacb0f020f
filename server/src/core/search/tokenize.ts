// How text becomes lexemes, for what is indexed and for what is looked for alike. PostgreSQL's own parser depends on
// the locale of the server and takes a sentence without spaces for one word, so it is not used.

/** A lexeme and where it stands, counted in words, or in characters of a script without spaces. */
export type Token = { lexeme: string; position: number }

/** A piece of text between spaces and punctuation. */
type Run = { text: string; isSpaceless: boolean }

// PostgreSQL keeps positions up to 16,383; what stands beyond in a message is not found by its words.
const POSITION_MAX = 16_000
const WORD_CHARACTERS_MAX = 64

const SPACELESS = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`
const WORD = String.raw`[[\p{L}\p{N}]--${SPACELESS}][[\p{L}\p{M}\p{N}]--${SPACELESS}--[\u{FE00}-\u{FE0F}]]*`
const EMOJI = String.raw`\p{RI}\p{RI}|\p{Extended_Pictographic}`
const RUN = new RegExp(String.raw`(?<spaceless>[${SPACELESS}&&[\p{L}\p{M}\p{N}]]+)|${WORD}|${EMOJI}`, 'gv')

const LETTERS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ı: 'i',
  þ: 'th',
  ς: 'σ',
}

/** The same for `Müller`, `MULLER` and `muller`: without case, accents and differences of width. */
export function foldText(text: string): string {
  const base = text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '')
  return base
    .normalize('NFC')
    .toLowerCase()
    .replace(/[ßæœøđðłıþς]/g, (letter) => LETTERS[letter]!)
}

/**
 * The tokens of a text that is indexed. A run of a script without spaces gives each pair of neighbouring characters,
 * and its last one alone, so that any part of it is found.
 */
export function tokenizeText(text: string, firstPosition = 1): Token[] {
  return placeRuns(text, firstPosition, (characters) =>
    characters.map((character, i) => character + (characters[i + 1] ?? '')),
  )
}

/** A token that is looked for; with `isPrefix` also what begins with it. */
export type QueryToken = Token & { isPrefix: boolean }

/** The tokens that a text must hold in this order and at these distances to hold the words. */
export function tokenizeQuery(words: string): QueryToken[] {
  const singles = new Set<number>()
  const tokens = placeRuns(words, 1, (characters, position) => {
    if (characters.length > 1) return characters.slice(0, -1).map((character, i) => character + characters[i + 1])
    singles.add(position)
    return characters
  })
  return tokens.map((token) => ({ ...token, isPrefix: singles.has(token.position) }))
}

function placeRuns(
  text: string,
  firstPosition: number,
  split: (characters: string[], position: number) => string[],
): Token[] {
  const tokens: Token[] = []
  let position = firstPosition
  for (const run of findRuns(text)) {
    if (position > POSITION_MAX) break
    if (run.isSpaceless) {
      const characters = [...run.text].slice(0, POSITION_MAX - position + 1)
      for (const [i, lexeme] of split(characters, position).entries()) tokens.push({ lexeme, position: position + i })
      position += characters.length
    } else {
      tokens.push({ lexeme: [...run.text].slice(0, WORD_CHARACTERS_MAX).join(''), position })
      position += 1
    }
  }
  return tokens
}

function* findRuns(text: string): Generator<Run> {
  for (const match of foldText(text).matchAll(RUN)) {
    yield { text: match[0], isSpaceless: match.groups?.spaceless !== undefined }
  }
}
