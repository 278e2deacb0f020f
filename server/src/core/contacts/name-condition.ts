import { type RawBuilder, sql } from 'kysely'
import { containsPattern } from '../contains-pattern.ts'

/**
 * Whether a text stands anywhere in a contact's name, without case and accents, in any script. Written as the index
 * contacts_search has it.
 */
export function isInName(text: string, field: string): RawBuilder<boolean> {
  const pattern = containsPattern(text, field)
  const folded = sql<boolean>`fold_text(name) like fold_text(${pattern})`
  // What the index cannot find, reading all names finds quicker without it.
  return hasTrigrams(text) ? sql`(${isLikeInName(text, field)} and ${folded})` : folded
}

/** The same but for what only looks alike among trigrams. */
export function isLikeInName(text: string, field: string): RawBuilder<boolean> {
  return sql`trigram_text(name) like trigram_text(${containsPattern(text, field)})`
}

/** A character that is not ASCII is two letters of its trigrams. */
function hasTrigrams(text: string): boolean {
  return [...text].reduce((letters, character) => letters + (character < '\u0080' ? 1 : 2), 0) > 2
}
