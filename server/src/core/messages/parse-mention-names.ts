const CODE = /```[\s\S]*?```|`[^`\n]*`/g
const URL = /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi
// Not after a letter, digit or one of ._%+-/@ : that is an email address, a path or a longer word.
const MENTION = /(?<![\p{L}\p{N}._%+\-/@])@([a-z0-9](?:[a-z0-9_.-]*[a-z0-9_])?)(?![\p{L}\p{N}@])/giu

const MENTIONS_MAX = 50

/** The names after `@` in a text, in lower case; not those inside code, URLs and email addresses. */
export function parseMentionNames(body: string): Set<string> {
  const prose = body.replace(CODE, ' ').replace(URL, ' ')
  const names = new Set<string>()
  for (const [, name] of prose.matchAll(MENTION)) {
    if (names.size === MENTIONS_MAX) break
    names.add(name!.toLowerCase())
  }
  return names
}
