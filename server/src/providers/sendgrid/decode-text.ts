import iconv from 'iconv-lite'

/**
 * Bytes as text, by the name of a charset as an email gives it. An unknown name, or none, counts as UTF-8, and as Windows-1252
 * where the bytes are no UTF-8. What cannot be decoded becomes U+FFFD, as does NUL, which the database cannot hold.
 */
export function decodeText(bytes: Buffer, charset: string | undefined): string {
  return decode(bytes, charset?.trim().toLowerCase() ?? '').replaceAll('\0', '\ufffd')
}

function decode(bytes: Buffer, charset: string): string {
  if (charset !== '' && charset !== 'us-ascii' && charset !== 'ascii') {
    // The platform's own knows what is on the web, among it ISO-2022-JP; iconv-lite the code pages of DOS and others.
    const decoder = createDecoder(charset)
    if (decoder !== undefined) return decoder.decode(bytes)
    if (iconv.encodingExists(charset)) return iconv.decode(bytes, charset)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

function createDecoder(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset)
  } catch {
    return undefined
  }
}
