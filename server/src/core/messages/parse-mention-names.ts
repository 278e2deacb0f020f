// A span of code ends with as many backticks as it begins with; one or two stay within a line.
const CODE = /(?<!`)(`{1,2})(?!`)[^\n]*?(?<!`)\1(?!`)|(?<!`)(`{3,})(?!`)[\s\S]*?(?<!`)\2(?!`)/g
// Bounded, so that a long text of letters and dots is not searched again from each of them.
const URL = /\b[a-z][a-z0-9+.-]{0,31}:\/\/\S+|\bwww\.\S+/gi
// Not after a letter, digit or one of .%+-/@= , underscores between or not: that is an email address, a path or a
// longer word.
const MENTION = /(?<![\p{L}\p{N}.%+\-/@=]_*)@([a-z0-9](?:[a-z0-9_.-]{0,30}[a-z0-9])?)(?![\p{L}\p{N}@])/giu

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
