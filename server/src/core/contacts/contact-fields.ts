import { parseEmail } from '../email.ts'
import { parseName } from '../name.ts'

const NAME = { field: 'name', charactersMax: 255 }

export function parseContactName(text: string): string {
  return parseName(text, NAME)
}

/** In its one spelling: two that differ in capital letters are the same. */
export function parseContactEmail(text: string, field = 'email'): string {
  return parseEmail(text, field).toLowerCase()
}
