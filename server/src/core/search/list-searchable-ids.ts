import { sql } from 'kysely'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Place } from './parse-query.ts'

/** Most conversations that one search looks through: beyond any person's reach. */
const CONVERSATIONS_MAX = 20_000

/**
 * The conversations that the caller can read (see `canRead` in core/conversations/policy.ts), of them only those of a
 * workspace and at the places where these are given.
 */
export async function listSearchableIds(
  ctx: Context<UserActor>,
  { workspaceId, places }: { workspaceId: string | null; places: Place[] },
): Promise<string[]> {
  const me = ctx.actor.id
  const { rows } = await sql<{ id: string }>`
    with readable as (
      select c.id, c.kind, c.name from participants p
      join conversations c on c.id = p.conversation_id and c.deleted_at is null
      left join workspaces w on w.id = c.workspace_id and w.deleted_at is null
      left join members m on m.workspace_id = w.id and m.user_id = p.user_id
      where p.user_id = ${me} and (c.workspace_id is null or m.role is not null)
        and (${workspaceId}::uuid is null or c.workspace_id = ${workspaceId})
      union
      select c.id, c.kind, c.name from members m
      join workspaces w on w.id = m.workspace_id and w.deleted_at is null
      join conversations c on c.workspace_id = w.id and c.deleted_at is null
      where m.user_id = ${me} and m.role <> 'guest' and c.kind = 'channel' and not c.is_private
        and (${workspaceId}::uuid is null or c.workspace_id = ${workspaceId})
    )
    select r.id from readable r
    where ${places.length === 0} or ${isPlace(me, places)}
    limit ${CONVERSATIONS_MAX}`.execute(ctx.db)
  return rows.map(({ id }) => id)
}

function isPlace(me: string, places: Place[]) {
  const ids = places.flatMap((place) => ('id' in place ? [place.id] : []))
  const channels = places.flatMap((place) => ('channel' in place ? [place.channel] : []))
  const people = places.flatMap((place) => ('person' in place ? [place.person] : []))
  // The notebook is the direct conversation that nobody else is in.
  return sql`(
    r.id = any(${ids}::uuid[])
    or r.kind = 'channel' and lower(r.name) = any(${channels}::text[])
    or r.kind = 'direct' and exists (
      select from participants o join users u on u.id = o.user_id
      where o.conversation_id = r.id and (
        o.user_id <> ${me} and lower(u.username) = any(${people}::text[])
        or (u.id = ${me} and (lower(u.username) = any(${people}::text[]) or 'me' = any(${people}::text[]))
          and not exists (select from participants x where x.conversation_id = r.id and x.user_id <> ${me}))
      )
    )
  )`
}
