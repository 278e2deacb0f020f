import { invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'

const CHARACTERS_MAX = 2_048

/** Reads where a picture of somebody is: a page may show it, so never anything but a web address. */
export function parsePictureUrl(text: string, field: string): string {
  requireStorableText(text, field)
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  if (!isWeb) throw invalidField(field, 'must be a URL that begins with https:// or http://')
  if (url.href.length > CHARACTERS_MAX) throw invalidField(field, `must have at most ${CHARACTERS_MAX} characters`)
  return url.href
}
