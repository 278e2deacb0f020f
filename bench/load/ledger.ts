// What the server promised, to be held against what it kept. Every message carries its number in its text.

export type Conservation = {
  acknowledged: number
  /** Acknowledged, and not in the history. */
  missing: number
  /** More than once in the history. */
  duplicated: number
  /** In the history under another sequence than acknowledged. */
  misplaced: number
  /** In the history and never sent. A message whose request failed may stand there: it was sent. */
  unknown: number
  /** Places where a channel's sequences do not follow one another; only counted where the server gives them. */
  holes: number
}

export type HistoryRow = { number: number; sequence: number | undefined }

const DIGITS = 9
const PREFIX = 'n='
const MARKER = Buffer.from(`"body":"${PREFIX}`)
const PROSE = 'The quick brown fox jumps over the lazy dog, and the band plays on until the morning train leaves.'

/** The text of message `number`: always of the same length, as ASCII. */
export function composeText(number: number): string {
  return `${PREFIX}${String(number).padStart(DIGITS, '0')} ${PROSE}`
}

/** The number in a message's text; -1 where there is none. */
export function parseNumber(text: string): number {
  return text.startsWith(PREFIX) ? Number(text.slice(PREFIX.length, PREFIX.length + DIGITS)) : -1
}

/** Where, in the bytes of a message as JSON, the digits of its number begin; -1 where there are none. */
export function findDigits(bytes: Buffer, start: number, end: number): number {
  const at = bytes.indexOf(MARKER, start)
  return at === -1 || at + MARKER.length + DIGITS > end ? -1 : at + MARKER.length
}

/** True where the digits of a number begin at `at`: cheaper than searching for them. */
export function areDigitsAt(bytes: Buffer, at: number, end: number): boolean {
  // `"n=` before, a digit and a blank after: text that was not made by composeText does not look like this.
  if (at + DIGITS >= end || bytes[at - 1] !== 0x3d || bytes[at - 2] !== 0x6e || bytes[at - 3] !== 0x22) return false
  return bytes[at + DIGITS] === 0x20
}

export function readDigits(bytes: Buffer, at: number): number {
  let number = 0
  for (let i = at; i < at + DIGITS; i++) number = number * 10 + bytes[i]! - 48
  return number
}

export class Ledger {
  /** The sequence each number was acknowledged with; 0 = sent, -1 = acknowledged without a sequence. */
  readonly #sequences: number[] = []
  #acknowledged = 0

  get sent(): number {
    return this.#sequences.length
  }

  send(): number {
    return this.#sequences.push(0) - 1
  }

  acknowledge(number: number, sequence: number | undefined): void {
    this.#sequences[number] = sequence ?? -1
    this.#acknowledged++
  }

  /** Holds the histories of all channels, each oldest first, against what was acknowledged. */
  check(histories: HistoryRow[][]): Conservation {
    const times = new Uint8Array(this.#sequences.length)
    const found = { acknowledged: this.#acknowledged, missing: 0, duplicated: 0, misplaced: 0, unknown: 0, holes: 0 }
    for (const rows of histories) {
      found.holes += countHoles(rows)
      for (const { number, sequence } of rows) {
        const acknowledged = this.#sequences[number]
        if (acknowledged === undefined) found.unknown++
        else if (times[number]!++ > 0) found.duplicated++
        else if (acknowledged > 0 && acknowledged !== sequence) found.misplaced++
      }
    }
    for (const [number, sequence] of this.#sequences.entries())
      if (sequence !== 0 && times[number] === 0) found.missing++
    return found
  }
}

/** The numbers of a fresh channel's messages are 1, 2, 3, … without a hole. */
function countHoles(rows: HistoryRow[]): number {
  let holes = 0
  for (const [i, { sequence }] of rows.entries()) if (sequence !== undefined && sequence !== i + 1) holes++
  return holes
}

export function isKept(found: Conservation): boolean {
  return found.missing + found.duplicated + found.misplaced + found.unknown + found.holes === 0
}
