const LINES_MAX = 5_000
const LINE_CHARACTERS_MAX = 1_000
/** Mail programs break the line that introduces a quote. */
const INTRODUCTION_LINES_MAX = 3
const HEADERS_NEEDED = 2

// English, German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Danish, Polish.
const INTRODUCTION_START = /^(on|am|le|el|em|il|op|den|w dniu)\b/i
const INTRODUCTION_END =
  /(wrote|schrieb( .{0,200})?|a écrit|escribió|escreveu|ha scritto|schreef( .{0,200})?|skrev( .{0,200})?|napisał\(?a?\)?)\s?:$/i
const DIVIDER =
  /^(-{2,}|_{5,}) ?(original message|ursprüngliche nachricht|forwarded message|message d'origine|mensaje original)/i
const RULE = /^(_{20,}|-{20,})$/
const HEADER =
  /^\*?(from|sent|to|date|subject|cc|von|gesendet|an|betreff|de|envoyé|à|objet|enviado|para|asunto)\s?:\*? ?\S/i

/**
 * The new text of an email and what it quotes of earlier ones, by how mail programs mark quotes. A guess, for previews and
 * lists: the whole text stays what the message is. Where everything seems quoted, all of it counts as new.
 */
export function stripQuoted(text: string): { text: string; quoted: string } {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const start = findQuote(lines)
  const fresh = lines.slice(0, start).join('\n').trimEnd()
  if (fresh.trim() === '') return { text: text.trimEnd(), quoted: '' }
  return { text: fresh, quoted: lines.slice(start).join('\n').trim() }
}

function findQuote(lines: readonly string[]): number {
  const end = Math.min(lines.length, LINES_MAX)
  for (let at = 0; at < end; at++) {
    if (DIVIDER.test(lineAt(lines, at)) || isIntroduction(lines, at) || isHeaderBlock(lines, at)) return at
    if (isQuoteToTheEnd(lines, at)) return at
  }
  return lines.length
}

function lineAt(lines: readonly string[], at: number): string {
  return (lines[at] ?? '').slice(0, LINE_CHARACTERS_MAX).trim()
}

function isIntroduction(lines: readonly string[], at: number): boolean {
  if (!INTRODUCTION_START.test(lineAt(lines, at))) return false
  let joined = ''
  for (let count = 0; count < INTRODUCTION_LINES_MAX; count++) {
    const line = lineAt(lines, at + count)
    if (line === '') return false
    joined = joined === '' ? line : `${joined} ${line}`
    if (INTRODUCTION_END.test(joined.slice(-LINE_CHARACTERS_MAX))) return true
  }
  return false
}

/** Outlook puts the quoted email's headers below a rule, or below an empty line. */
function isHeaderBlock(lines: readonly string[], at: number): boolean {
  const isBelowRule = RULE.test(lineAt(lines, at))
  if (!isBelowRule && (lineAt(lines, at) !== '' || at === 0)) return false
  let headers = 0
  for (let next = at + 1; next <= at + 4; next++) {
    if (HEADER.test(lineAt(lines, next))) headers += 1
  }
  return headers > HEADERS_NEEDED || (isBelowRule && headers >= HEADERS_NEEDED)
}

/** Quoted lines with text below them are answered in between: there the quote belongs to the text. */
function isQuoteToTheEnd(lines: readonly string[], at: number): boolean {
  if (!lines[at]!.startsWith('>') || (at > 0 && lines[at - 1]!.startsWith('>'))) return false
  for (let next = at; next < lines.length; next++) {
    const line = lines[next]!
    if (line.startsWith('>') || line.trim() === '') continue
    return line.trimEnd() === '--'
  }
  return true
}
