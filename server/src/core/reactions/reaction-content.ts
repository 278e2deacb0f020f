import { invalidField } from '../errors.ts'

export const CONTENT_CHARACTERS_MAX = 64

const FORBIDDEN = /[\p{Z}\p{Cc}\p{Cs}\u{FEFF}]/u
// Joiners and variation selectors belong to emoji, but alone nobody sees them.
const VISIBLE = /[^\p{Cf}\p{M}]/u

/** Refuses what is no emoji, sign or short word: 1 to 64 characters, none of them white space or a control. */
export function requireReactionContent(content: string): void {
  const problem = findProblem(content)
  if (problem !== undefined) throw invalidField('reaction_content', problem)
}

function findProblem(content: string): string | undefined {
  if (content === '') return 'must not be empty'
  if ([...content].length > CONTENT_CHARACTERS_MAX) return `must have at most ${CONTENT_CHARACTERS_MAX} characters`
  if (FORBIDDEN.test(content)) return 'must have no white space or control characters'
  if (!VISIBLE.test(content)) return 'must have a visible character'
  return undefined
}
