import { canonicalType } from './content-type.ts'

// Types that one container carries, so that the beginning of a file cannot always tell them apart.
const ALIKE: Set<string>[] = [
  new Set([
    'video/mp4',
    'audio/mp4',
    'audio/x-m4a',
    'audio/m4a',
    'video/x-m4v',
    'video/quicktime',
    'video/3gpp',
    'audio/3gpp',
    'video/3gpp2',
    'audio/3gpp2',
  ]),
  new Set(['video/webm', 'audio/webm', 'video/matroska', 'video/x-matroska', 'audio/matroska', 'audio/x-matroska']),
  new Set(['audio/ogg', 'video/ogg', 'application/ogg', 'audio/opus']),
  new Set(['image/png', 'image/apng']),
  new Set(['image/heif', 'image/heic', 'image/heif-sequence', 'image/heic-sequence']),
  new Set(['audio/x-ms-asf', 'video/x-ms-asf', 'audio/x-ms-wma', 'video/x-ms-wmv']),
  new Set(['video/mpeg', 'video/mp1s', 'video/mp2p', 'video/mp2t']),
  new Set(['audio/mpeg', 'audio/aac', 'audio/aacp']),
]

// Formats that are an archive or a compound file inside, and are sometimes only known as such.
const INSIDE: Record<string, RegExp> = {
  'application/zip': /^application\/(?:vnd\..+|x-.+|epub\+zip|.+\+zip)$|^model\/3mf$/,
  'application/x-cfb': /^application\/(?:msword|vnd\..+|x-.+)$/,
  'application/gzip': /^application\/(?:x-tar|x-gtar|x-compressed-tar|.+\+gzip)$/,
  'image/tiff': /^image\//,
}

const MEDIA = /^(?:image|audio|video|font)\//

/** Whether bytes that look like `detected` may be what was announced. Only for types that are not text. */
export function mayBe(announced: string, detected: string, isKnown: (type: string) => boolean): boolean {
  const [a, d] = [canonicalType(announced), canonicalType(detected)]
  if (a === d || ALIKE.some((types) => types.has(a) && types.has(d))) return true
  if (INSIDE[d]?.test(a) || INSIDE[a]?.test(d)) return true
  // A type that has no known mark: what was found may be its container, or chance. But a picture is never a program.
  return !isKnown(a) && !(MEDIA.test(a) && mediaOf(a) !== mediaOf(d))
}

/** Whether bytes of this type always begin with a mark: without one they are something else. */
export function hasMark(announced: string, isKnown: (type: string) => boolean): boolean {
  const type = canonicalType(announced)
  return isKnown(type) && (MEDIA.test(type) || type === 'application/pdf' || type === 'application/zip')
}

function mediaOf(type: string): string {
  return type.slice(0, type.indexOf('/'))
}
