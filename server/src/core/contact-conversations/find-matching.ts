import { type RawBuilder, sql } from 'kysely'
import { parseWords, runSearch, selectPeople } from '../contacts/select-people.ts'
import type { Context } from '../context.ts'
import { buildCondition } from '../search/build-condition.ts'

/** Most conversations that a search finds: of more those that were active last. */
const MATCHES_MAX = 10_000
/** How long a search waits for the index to hold what was sent just before it. */
const CATCH_UP_MS = 500

/**
 * The conversations that a text is about: the contact is found by it (see core/contacts/select-people.ts), or one message
 * holds all its words, of which the last may be a beginning.
 */
export async function findMatching(
  ctx: Context,
  { workspaceId, text, field }: { workspaceId: string; text: string; field: string },
): Promise<string[]> {
  const words = parseWords(text, field)
  const condition = buildCondition({ terms: words.map((word) => ({ text: word, isPhrase: false })), has: [] })
  if (condition !== '') await ctx.ports.search.caughtUp(CATCH_UP_MS)
  const found = await runSearch(ctx, async ({ db }, spelling) => {
    const { rows } = await sql<{ id: string }>`
      with people as materialized (${selectPeople({ workspaceId, words, text, spelling })}),
      places as materialized (${selectPlaces(spelling === 'exact' ? condition : '')})
      select t.conversation_id as id from contact_conversations t
      where t.workspace_id = ${workspaceId} and t.deleted_at is null
        and (t.contact_id in (select id from people) or t.conversation_id in (select id from places))
      order by t.active_at desc limit ${MATCHES_MAX}`.execute(db)
    return rows.length === 0 ? undefined : rows.map(({ id }) => id)
  })
  return found ?? []
}

function selectPlaces(condition: string): RawBuilder<unknown> {
  if (condition === '') return sql`select null::uuid as id where false`
  return sql`select distinct s.conversation_id as id from message_search s where s.document @@ ${condition}::tsquery`
}
