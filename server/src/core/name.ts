import { invalidField } from './errors.ts'

// Control characters, line breaks and halves of surrogate pairs would break the lines that names are shown in.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u

/** Reads the name that somebody gives to something: trimmed, and in one line. */
export function parseName(text: string, { field, charactersMax }: { field: string; charactersMax: number }): string {
  const name = text.trim()
  if (name === '') throw invalidField(field, 'must not be empty')
  if (UNPRINTABLE.test(name)) throw invalidField(field, 'must not contain line breaks or control characters')
  if ([...name].length > charactersMax) throw invalidField(field, `must have at most ${charactersMax} characters`)
  return name
}
