import { Parser } from 'htmlparser2'

/** An HTML email may have so many characters; the rest is cut. */
const HTML_CHARACTERS_MAX = 1_000_000
const DEPTH_MAX = 500

/**
 * An email's HTML up to its first million characters, and up to where its elements are nested more than 500 deep. Mails made
 * of tables go to about forty; a parser's work grows with the square of the depth, to many seconds for a hostile one.
 */
export function boundHtml(html: string): string {
  const bounded = html.slice(0, HTML_CHARACTERS_MAX)
  let depth = 0
  let end: number | undefined
  const parser = new Parser({
    onopentagname() {
      depth += 1
      if (depth <= DEPTH_MAX || end !== undefined) return
      end = parser.startIndex
      parser.pause()
    },
    onclosetag() {
      depth -= 1
    },
  })
  parser.write(bounded)
  return end === undefined ? bounded : bounded.slice(0, end)
}
