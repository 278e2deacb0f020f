const NAME_CHARACTERS_MAX = 255

/** A file's name without folders and control characters, of any system; never empty. */
export function nameAttachment(given: string, contentType: string): string {
  const bare = given.split(/[/\\]/).at(-1)!
  const name = bare
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim()
    .slice(-NAME_CHARACTERS_MAX)
  if (name !== '' && !/^\.+$/.test(name)) return name
  return contentType.startsWith('message/') ? 'message.eml' : 'attachment'
}
