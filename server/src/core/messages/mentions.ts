import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { findMentionableUsers } from '../conversations/mentionable-users.ts'
import type { Conversation } from '../conversations/schema.ts'
import { parseMentionNames } from './parse-mention-names.ts'
import type { Mention } from './schema.ts'

/**
 * Whom the caller's text mentions: others who can see the conversation, each once, and the audiences `@channel` and
 * `@here`.
 */
export async function findMentions(
  ctx: Context<UserActor>,
  conversation: Conversation,
  body: string,
): Promise<Mention[]> {
  // Nearly no message has one: this must cost nothing then.
  if (!body.includes('@')) return []
  const names = parseMentionNames(body)
  const audiences = (['channel', 'here'] as const).filter((kind) => names.has(kind)).map((kind) => ({ kind }))
  const usernames = [...names].filter((name) => name !== 'channel' && name !== 'here')
  const users = usernames.length === 0 ? [] : await findMentionableUsers(ctx.db, conversation, usernames)
  const others = users.filter(({ id }) => id !== ctx.actor.id)
  return [...audiences, ...others.map(({ id, username }) => ({ kind: 'user' as const, userId: id, username }))]
}
