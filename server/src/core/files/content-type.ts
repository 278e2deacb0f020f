import { AppError, invalidField } from '../errors.ts'

// RFC 6838 §4.2; what follows a `;` are parameters.
const CONTENT_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/

// Programs and scripts that a double click runs.
const REFUSED = new Set([
  'application/x-msdownload',
  'application/x-msdos-program',
  'application/x-dosexec',
  'application/vnd.microsoft.portable-executable',
  'application/x-msi',
  'application/x-ms-installer',
  'application/x-ms-shortcut',
  'application/x-ms-regedit',
  'application/x-bat',
  'application/x-sh',
  'application/x-shellscript',
  'application/x-csh',
  'application/x-powershell',
  'application/x-executable',
  'application/x-elf',
  'application/x-sharedlib',
  'application/x-mach-binary',
  'application/x-apple-diskimage',
  'application/x-ft-apple.alias',
  'application/vnd.android.package-archive',
  'application/x-google-chrome-extension',
  'application/java-archive',
  'application/x-java-archive',
  'application/java-vm',
  'application/hta',
  'application/x-vbs',
  'text/vbscript',
  'text/x-sh',
  'text/x-shellscript',
  'text/x-powershell',
])

// Other names of a type: what file-type and most clients say is on the right.
const SYNONYMS: Record<string, string> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'image/x-ms-bmp': 'image/bmp',
  'image/vnd.microsoft.icon': 'image/x-icon',
  'audio/mp3': 'audio/mpeg',
  'audio/x-mp3': 'audio/mpeg',
  'audio/wave': 'audio/wav',
  'audio/x-wav': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/x-aac': 'audio/aac',
  'audio/x-aiff': 'audio/aiff',
  'video/avi': 'video/vnd.avi',
  'video/x-msvideo': 'video/vnd.avi',
  'application/x-pdf': 'application/pdf',
  'application/x-zip': 'application/zip',
  'application/x-zip-compressed': 'application/zip',
  'application/x-gzip': 'application/gzip',
  'application/x-rar': 'application/x-rar-compressed',
  'application/vnd.rar': 'application/x-rar-compressed',
  'text/rtf': 'application/rtf',
}

/** Reads an announced type: lower case, without parameters, `file_type_refused` for programs. */
export function parseContentType(given: string, field: string): string {
  const type = given.split(';', 1)[0]!.trim().toLowerCase()
  if (!CONTENT_TYPE.test(type)) throw invalidField(field, 'must be a media type such as image/png')
  if (isRefused(type)) throw new AppError('file_type_refused', field)
  return type
}

export function isRefused(type: string): boolean {
  return REFUSED.has(type)
}

/** One name for types that have several. */
export function canonicalType(type: string): string {
  return SYNONYMS[type] ?? type
}

/** Types whose bytes are text, which has no mark of its own at its beginning. */
export function isTextual(type: string): boolean {
  if (type === 'text/rtf') return false
  return /^text\/|[+/](?:json|xml|yaml)$|^application\/(?:javascript|x-javascript|ecmascript|sql|toml|x-ndjson)$/.test(
    type,
  )
}

/** What a browser may show in place. All else, and above all HTML and SVG, is only ever downloaded. */
export function isShownInline(type: string): boolean {
  return type === 'text/plain' || (/^(?:image|audio|video)\//.test(type) && !isTextual(type))
}
