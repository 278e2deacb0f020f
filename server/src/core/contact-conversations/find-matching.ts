import { type RawBuilder, sql } from 'kysely'
import { isCanceled } from '../../platform/database/errors.ts'
import { containsPattern } from '../contains-pattern.ts'
import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'
import { buildCondition } from '../search/build-condition.ts'

const CHARACTERS_MAX = 256
const WORDS_MAX = 8
/** Most conversations that a search finds: of more those that were active last. */
const MATCHES_MAX = 10_000
/** How long a search waits for the index to hold what was sent just before it. */
const CATCH_UP_MS = 500
const STATEMENT_MS = 5_000

// Shorter words are like too many others.
const TYPO_CHARACTERS_MIN = 4
// Lets two letters that changed places pass in a word of four.
const TYPO_SIMILARITY_MIN = 0.4
const PHONE = /^[+()\d\s./-]*\d[+()\d\s./-]*\d[+()\d\s./-]*\d[+()\d\s./-]*$/

/**
 * The conversations that a text is about: its words stand in the contact's name, with typos too, or in one of their
 * addresses; or it is part of a phone number, however that is spaced; or one message holds all its words, of which the last may be a
 * beginning. Without case and accents, in any script.
 */
export async function findMatching(
  ctx: Context,
  { workspaceId, text }: { workspaceId: string; text: string },
): Promise<string[]> {
  const words = parseWords(text)
  const condition = buildCondition({ terms: words.map((word) => ({ text: word, isPhrase: false })), has: [] })
  if (condition !== '') await ctx.ports.search.caughtUp(CATCH_UP_MS)
  return runSearch(ctx, async ({ db }) => {
    const { rows } = await sql<{ id: string }>`
      with people as materialized (${selectPeople(workspaceId, words, text)}),
      places as materialized (${condition === '' ? sql`select null::uuid as id where false` : selectPlaces(condition)})
      select t.conversation_id as id from contact_conversations t
      where t.workspace_id = ${workspaceId} and t.deleted_at is null
        and (t.contact_id in (select id from people) or t.conversation_id in (select id from places))
      order by t.active_at desc limit ${MATCHES_MAX}`.execute(db)
    return rows.map(({ id }) => id)
  })
}

/** Runs a search that gives up in time, and knows how alike words must be. */
export async function runSearch<T>(ctx: Context, search: (ctx: Context) => Promise<T>): Promise<T> {
  try {
    return await ctx.transaction(async (ctx) => {
      await sql`set local statement_timeout = ${sql.lit(STATEMENT_MS)}`.execute(ctx.db)
      await sql`set local pg_trgm.word_similarity_threshold = ${sql.lit(TYPO_SIMILARITY_MIN)}`.execute(ctx.db)
      return search(ctx)
    })
  } catch (error) {
    if (isCanceled(error)) throw new AppError('search_too_slow', { cause: error })
    throw error
  }
}

/** The words of a text to search for. */
export function parseWords(text: string): string[] {
  requireStorableText(text, 'search')
  if (text.length > CHARACTERS_MAX) throw invalidField('search', `must have at most ${CHARACTERS_MAX} characters`)
  return text.normalize('NFKC').split(/\s+/).filter(Boolean).slice(0, WORDS_MAX)
}

/** Contacts that have each word somewhere, or whose number has these digits. */
export function selectPeople(workspaceId: string, words: string[], text: string): RawBuilder<unknown> {
  const named = sql.join(
    words.map((word) => sql`(${selectByWord(workspaceId, word)})`),
    sql` intersect `,
  )
  if (!PHONE.test(text)) return named
  // Without the zero before an area code, which is not there in E.164.
  const digits = `%${text.replace(/\D/g, '').replace(/^0+(?=\d{3})/, '')}%`
  return sql`(${named}) union ${selectByAddress(workspaceId, sql`a.value like ${digits} and a.kind = 'phone'`)}`
}

function selectByWord(workspaceId: string, word: string): RawBuilder<unknown> {
  const pattern = containsPattern(word, 'search')
  const local = word.split('@', 1)[0]!
  const mayHaveTypo = [...local].length >= TYPO_CHARACTERS_MIN && /\p{L}/u.test(local)
  const byName = sql`
    trigram_text(c.name) like trigram_text(${pattern}) and fold_text(c.name) like fold_text(${pattern})`
  return sql`
    select c.id from contacts c where c.workspace_id = ${workspaceId} and c.deleted_at is null
      and (${byName}${mayHaveTypo ? sql` or trigram_text(${local}) <% trigram_text(c.name)` : sql``})
    union ${selectByAddress(workspaceId, sql`a.value like lower(${pattern})`)}
    ${mayHaveTypo ? sql`union ${selectByAddress(workspaceId, sql`lower(${local}) <% a.value and a.kind = 'email'`)}` : sql``}`
}

function selectByAddress(workspaceId: string, condition: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select a.contact_id as id from addresses a
    where a.workspace_id = ${workspaceId} and a.deleted_at is null and ${condition}`
}

function selectPlaces(condition: string): RawBuilder<unknown> {
  return sql`select distinct s.conversation_id as id from message_search s where s.document @@ ${condition}::tsquery`
}
