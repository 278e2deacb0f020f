import type { Context } from '../context.ts'
import { AppError, type FieldProblems, invalidField } from '../errors.ts'
import { parseName } from '../name.ts'
import { findTeam } from '../workspaces/find-team.ts'

/** Most members who follow a contact. */
export const FOLLOWERS_MAX = 100
/** Most tags of a contact. */
export const TAGS_MAX = 50

const TAG_CHARACTERS_MAX = 64

export function parseTag(text: string, field: string): string {
  return parseName(text, { field, charactersMax: TAG_CHARACTERS_MAX })
}

/** Reads a contact's tags: of those that differ in capital letters only, the first stays. */
export function parseTags(texts: string[], field: string): string[] {
  const tags = new Map<string, string>()
  for (const [i, text] of texts.entries()) {
    const tag = parseTag(text, `${field}.${i}`)
    if (!tags.has(foldTag(tag))) tags.set(foldTag(tag), tag)
  }
  if (tags.size > TAGS_MAX) throw invalidField(field, `must have at most ${TAGS_MAX} different tags`)
  return [...tags.values()]
}

/** The same for tags that count as one. */
export function foldTag(tag: string): string {
  return tag.normalize('NFKC').toLowerCase()
}

export function parseFollowerIds(ids: string[], field: string): string[] {
  const different = [...new Set(ids)]
  if (different.length > FOLLOWERS_MAX) throw invalidField(field, `must have at most ${FOLLOWERS_MAX} people`)
  return different
}

/** Refuses whoever is no member of the workspace, or only a guest: `people` names their fields. */
export async function requireTeammates(
  ctx: Context,
  workspaceId: string,
  people: Record<string, string>,
): Promise<void> {
  const team = await findTeam(ctx.db, { workspaceId, userIds: Object.values(people) })
  const strangers = Object.keys(people).filter((field) => !team.has(people[field]!))
  if (strangers.length === 0) return
  const fields: FieldProblems = Object.fromEntries(strangers.map((field) => [field, [IS_NO_MEMBER]]))
  throw new AppError('invalid_request', { fields })
}

const IS_NO_MEMBER = 'must be a member of the workspace who is no guest'
