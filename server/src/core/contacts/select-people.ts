import { type RawBuilder, sql } from 'kysely'
import { isCanceled } from '../../platform/database/errors.ts'
import { containsPattern } from '../contains-pattern.ts'
import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'

const CHARACTERS_MAX = 256
const WORDS_MAX = 8
const STATEMENT_MS = 5_000

// Shorter words are like too many others.
const TYPO_CHARACTERS_MIN = 4
const SWAPPED_CHARACTERS_MAX = 12
const TYPO_SIMILARITY_MIN = 0.4
// Whole parts of an email address are the same for many.
const EMAIL_SIMILARITY_MIN = 0.75
const PHONE = /^[+()\d\s./-]*\d[+()\d\s./-]*\d[+()\d\s./-]*\d[+()\d\s./-]*$/

/** The words of a text to search for; `field` is what the caller calls it. */
export function parseWords(text: string, field: string): string[] {
  requireStorableText(text, field)
  if (text.length > CHARACTERS_MAX) throw invalidField(field, `must have at most ${CHARACTERS_MAX} characters`)
  return text.normalize('NFKC').split(/\s+/).filter(Boolean).slice(0, WORDS_MAX)
}

/** `exact`: as it is written. `typos`: as it may have been meant. */
export type Spelling = 'exact' | 'typos'

/**
 * Runs a search that gives up in time. Typos are looked for only where nothing is found as it is written, or among many people
 * whoever is meant would be lost among those whose names are alike. Undefined where nothing is found.
 */
export async function runSearch<T>(
  ctx: Context,
  search: (ctx: Context, spelling: Spelling) => Promise<T | undefined>,
): Promise<T | undefined> {
  try {
    return await ctx.transaction(async (ctx) => {
      await sql`set local statement_timeout = ${sql.lit(STATEMENT_MS)}`.execute(ctx.db)
      await sql`set local pg_trgm.word_similarity_threshold = ${sql.lit(TYPO_SIMILARITY_MIN)}`.execute(ctx.db)
      return (await search(ctx, 'exact')) ?? (await search(ctx, 'typos'))
    })
  } catch (error) {
    if (isCanceled(error)) throw new AppError('search_too_slow', { cause: error })
    throw error
  }
}

export type PeopleQuery = { workspaceId: string; words: string[]; text: string; spelling: Spelling }

/**
 * The ids of contacts that have each word in their name or in one of their emails; or whose number has the digits of the text,
 * however it is spaced. Without case and accents, in any script. At least one word; for `runSearch`.
 */
export function selectPeople({ workspaceId, words, text, spelling }: PeopleQuery): RawBuilder<unknown> {
  const named = sql.join(
    words.map((word) => sql`(${selectByWord(workspaceId, word, spelling)})`),
    sql` intersect `,
  )
  if (!PHONE.test(text)) return named
  // Without the zero before an area code, which is not there in E.164.
  const digits = `%${text.replace(/\D/g, '').replace(/^0+(?=\d{3})/, '')}%`
  return sql`(${named}) union ${selectByAddress(workspaceId, sql`a.value like ${digits} and a.kind = 'phone'`)}`
}

function selectByWord(workspaceId: string, word: string, spelling: Spelling): RawBuilder<unknown> {
  const byName = [isInName(word)]
  const byAddress = [isInAddress(word)]
  const local = word.split('@', 1)[0]!
  if (spelling === 'typos' && [...local].length >= TYPO_CHARACTERS_MIN && /\p{L}/u.test(local)) {
    const swapped = swapLetters(local)
    byName.push(...swapped.map(isLikeInName), sql`trigram_text(${local}) <% trigram_text(c.name)`)
    byAddress.push(...swapped.map(isInAddress), isLikeEmail(local))
  }
  return sql`
    select c.id from contacts c
    where c.workspace_id = ${workspaceId} and c.deleted_at is null and (${sql.join(byName, sql` or `)})
    union ${selectByAddress(workspaceId, sql`(${sql.join(byAddress, sql` or `)})`)}`
}

// In a short word two letters that changed places leave few trigrams as they were, so they are changed back.
function swapLetters(word: string): string[] {
  const letters = [...word].slice(0, SWAPPED_CHARACTERS_MAX)
  const rest = word.slice(letters.join('').length)
  return letters
    .slice(1)
    .map((letter, i) => [...letters.slice(0, i), letter, letters[i], ...letters.slice(i + 2)].join('') + rest)
}

/** Written as the index contacts_search has it. */
function isInName(text: string): RawBuilder<unknown> {
  const folded = sql`fold_text(c.name) like fold_text(${toPattern(text)})`
  // What the index cannot find, reading all names finds quicker without it.
  return hasTrigrams(text) ? sql`${isLikeInName(text)} and ${folded}` : folded
}

function isLikeInName(text: string): RawBuilder<unknown> {
  return sql`trigram_text(c.name) like trigram_text(${toPattern(text)})`
}

/** A character that is not ASCII is two letters of its trigrams. */
function hasTrigrams(text: string): boolean {
  return [...text].reduce((letters, character) => letters + (character < '\u0080' ? 1 : 2), 0) > 2
}

function isInAddress(text: string): RawBuilder<unknown> {
  return sql`a.value like lower(${toPattern(text)})`
}

function isLikeEmail(local: string): RawBuilder<unknown> {
  return sql`a.kind = 'email' and lower(${local}) <% a.value
    and word_similarity(lower(${local}), a.value) >= ${EMAIL_SIMILARITY_MIN}`
}

function selectByAddress(workspaceId: string, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select a.contact_id as id from addresses a
    where a.workspace_id = ${workspaceId} and a.deleted_at is null and ${condition}`
}

function toPattern(text: string): string {
  return containsPattern(text, 'search')
}
