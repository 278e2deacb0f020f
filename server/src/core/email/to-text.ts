import { Parser } from 'htmlparser2'
import { boundHtml } from './bound-html.ts'

const TEXT_CHARACTERS_MAX = 200_000
/** What looks like a blank, or like nothing: newsletters pad their previews with the latter. */
const WHITE = /(?:[ \t\r\n\f\u00a0\u200b\u200c\ufeff\u00ad]|\u034f)+/g
const HIDDEN = new Set([
  'script',
  'style',
  'head',
  'title',
  'template',
  'noscript',
  'iframe',
  'object',
  'svg',
  'textarea',
])
const PARAGRAPHS = new Set(['p', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'pre', 'table'])
const LINES = new Set([
  'div',
  'li',
  'tr',
  'hr',
  'section',
  'article',
  'header',
  'footer',
  'address',
  'dt',
  'dd',
  'center',
])

/** A readable plain text of an HTML email, for search and lists. At most 200,000 characters. */
export function toText(html: string): string {
  const text = createTextWriter()
  let hidden = 0
  const parser = new Parser({
    onopentag(name, { alt }) {
      if (HIDDEN.has(name)) hidden += 1
      if (hidden > 0) return
      if (name === 'br') text.breakLine()
      else if (PARAGRAPHS.has(name)) text.separate(2)
      else if (LINES.has(name)) text.separate(1)
      else if (name === 'td' || name === 'th') text.write(' ')
      if (name === 'li') text.mark('- ')
      if (name === 'img' && alt) text.write(alt)
    },
    ontext(data) {
      if (hidden === 0) text.write(data)
      if (text.isFull()) parser.pause()
    },
    onclosetag(name) {
      if (HIDDEN.has(name)) hidden = Math.max(0, hidden - 1)
      else if (hidden > 0) return
      else if (PARAGRAPHS.has(name)) text.separate(2)
      else if (LINES.has(name)) text.separate(1)
    },
  })
  parser.write(boundHtml(html))
  parser.end()
  return text.finish()
}

/** Joins pieces as a browser lays them out: runs of white space are one blank, and breaks add up to one empty line at most. */
function createTextWriter() {
  const parts: string[] = []
  let characters = 0
  let breaks = 0
  let needsBlank = false
  let marker = ''
  const put = (piece: string) => {
    parts.push(piece)
    characters += piece.length
  }
  return {
    write(data: string) {
      const words = data.replace(WHITE, ' ')
      const trimmed = words.trim()
      if (trimmed === '') {
        needsBlank ||= words !== ''
        return
      }
      if (breaks > 0 && characters > 0) put('\n'.repeat(Math.min(breaks, 2)))
      else if ((needsBlank || words.startsWith(' ')) && characters > 0) put(' ')
      put(marker + trimmed)
      breaks = 0
      marker = ''
      needsBlank = words.endsWith(' ')
    },
    /** Goes before what is written next, on the same line. */
    mark(sign: string) {
      marker = sign
    },
    breakLine() {
      breaks += 1
      needsBlank = false
    },
    separate(count: number) {
      if (marker !== '' && count === 2) return
      breaks = Math.max(breaks, count)
      needsBlank = false
    },
    isFull: () => characters >= TEXT_CHARACTERS_MAX,
    finish: () => parts.join('').slice(0, TEXT_CHARACTERS_MAX),
  }
}
