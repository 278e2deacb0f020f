import { type RawBuilder, sql } from 'kysely'
import { isCanceled } from '../../platform/database/errors.ts'
import { isInName, isLikeInName } from '../contacts/name-condition.ts'
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
const SWAPPED_CHARACTERS_MAX = 12
const TYPO_SIMILARITY_MIN = 0.4
// Whole parts of an email address are the same for many.
const EMAIL_SIMILARITY_MIN = 0.75
const PHONE = /^[+()\d\s./-]*\d[+()\d\s./-]*\d[+()\d\s./-]*\d[+()\d\s./-]*$/

/**
 * The conversations that a text is about: its words stand in the contact's name, with typos too, or in one of their
 * addresses; or it is part of a phone number, however that is spaced; or one message holds all its words, of which the last may be a
 * beginning. Without case and accents, in any script.
 */
export async function findMatching(
  ctx: Context,
  { workspaceId, text, field }: { workspaceId: string; text: string; field: string },
): Promise<string[]> {
  requireStorableText(text, field)
  if (text.length > CHARACTERS_MAX) throw invalidField(field, `must have at most ${CHARACTERS_MAX} characters`)
  const words = text.normalize('NFKC').split(/\s+/).filter(Boolean).slice(0, WORDS_MAX)
  const condition = buildCondition({ terms: words.map((word) => ({ text: word, isPhrase: false })), has: [] })
  if (condition !== '') await ctx.ports.search.caughtUp(CATCH_UP_MS)
  try {
    return await ctx.transaction(async (ctx) => {
      await sql`set local statement_timeout = ${sql.lit(STATEMENT_MS)}`.execute(ctx.db)
      await sql`set local pg_trgm.word_similarity_threshold = ${sql.lit(TYPO_SIMILARITY_MIN)}`.execute(ctx.db)
      const { rows } = await sql<{ id: string }>`
        with people as materialized (${selectPeople(workspaceId, words, text)}),
        places as materialized (${condition === '' ? sql`select null::uuid as id where false` : selectPlaces(condition)})
        select t.conversation_id as id from contact_conversations t
        where t.workspace_id = ${workspaceId} and t.deleted_at is null
          and (t.contact_id in (select id from people) or t.conversation_id in (select id from places))
        order by t.active_at desc limit ${MATCHES_MAX}`.execute(ctx.db)
      return rows.map(({ id }) => id)
    })
  } catch (error) {
    if (isCanceled(error)) throw new AppError('search_too_slow', { cause: error })
    throw error
  }
}

/** Contacts that have each word somewhere, or whose number has these digits. */
function selectPeople(workspaceId: string, words: string[], text: string): RawBuilder<unknown> {
  const named = sql.join(
    words.map((word) => sql`(${selectByWord(workspaceId, word)})`),
    sql` intersect `,
  )
  if (!PHONE.test(text)) return named
  const digits = `%${text.replace(/\D/g, '')}%`
  return sql`(${named}) union ${selectByAddress(workspaceId, sql`a.value like ${digits} and a.kind = 'phone'`)}`
}

function selectByWord(workspaceId: string, word: string): RawBuilder<unknown> {
  const local = word.split('@', 1)[0]!
  const mayHaveTypo = [...local].length >= TYPO_CHARACTERS_MIN && /\p{L}/u.test(local)
  const byName = [isInName(word, 'search'), ...(mayHaveTypo ? listTypos(local) : [])]
  const byAddress = sql`a.value like lower(${containsPattern(word, 'search')})`
  return sql`
    select c.id from contacts c
    where c.workspace_id = ${workspaceId} and c.deleted_at is null and (${sql.join(byName, sql` or `)})
    union ${selectByAddress(workspaceId, byAddress)}
    ${mayHaveTypo ? sql`union ${selectByAddress(workspaceId, isLikeEmail(local))}` : sql``}`
}

/** In a short word two letters that changed places leave few trigrams as they were, so they are changed back. */
function listTypos(word: string): RawBuilder<unknown>[] {
  const letters = [...word].slice(0, SWAPPED_CHARACTERS_MAX)
  const rest = word.slice(letters.join('').length)
  const swapped = letters.slice(1).map((letter, i) => {
    const other = [...letters.slice(0, i), letter, letters[i], ...letters.slice(i + 2)].join('') + rest
    return isLikeInName(other, 'search')
  })
  return [sql`trigram_text(${word}) <% trigram_text(c.name)`, ...swapped]
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

function selectPlaces(condition: string): RawBuilder<unknown> {
  return sql`select distinct s.conversation_id as id from message_search s where s.document @@ ${condition}::tsquery`
}
