import { invalidField } from '../errors.ts'

/** Refuses what PostgreSQL cannot keep byte for byte: the character U+0000, and halves of surrogate pairs. */
export function requireStorableText(text: string, field: string): void {
  if (text.includes('\0')) throw invalidField(field, 'contains the character U+0000, which cannot be stored')
  if (!text.isWellFormed()) throw invalidField(field, 'contains half of a surrogate pair: send well-formed Unicode')
}
