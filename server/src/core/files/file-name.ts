import { invalidField } from '../errors.ts'

const NAME_LENGTH_MAX = 255

// Control characters, and those that turn the direction of text: `photo‮gnp.exe` would show as `photoexe.png`.
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

const EXTENSIONS: Record<string, string> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'audio/mpeg': '.mp3',
  'audio/ogg': '.ogg',
  'audio/amr': '.amr',
  'audio/mp4': '.m4a',
  'video/mp4': '.mp4',
  'video/3gpp': '.3gp',
  'application/pdf': '.pdf',
  'text/plain': '.txt',
  'text/vcard': '.vcf',
}

/** What the name of a file that came without one ends in; nothing for types that are not usual in messages. */
export function extensionOf(contentType: string): string {
  return EXTENSIONS[contentType.split(';', 1)[0]!.trim().toLowerCase()] ?? ''
}

/** A file's name as given, without the folders that some clients put before it. */
export function parseFileName(given: string, field: string): string {
  const name = given.slice(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1).trim()
  if (name === '' || name === '.' || name === '..') throw invalidField(field, 'must be the name of a file')
  if ([...name].length > NAME_LENGTH_MAX) throw invalidField(field, `must have at most ${NAME_LENGTH_MAX} characters`)
  if (!name.isWellFormed()) throw invalidField(field, 'must be well-formed Unicode')
  if (HIDDEN.test(name)) throw invalidField(field, 'must not contain control characters')
  return name
}
