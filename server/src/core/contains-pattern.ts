import { requireStorableText } from './messages/message-text.ts'

/** What `like` needs to find a text anywhere in another, whatever characters it consists of. */
export function containsPattern(text: string, field: string): string {
  requireStorableText(text, field)
  return `%${text.trim().replace(/[\\%_]/g, '\\$&')}%`
}
