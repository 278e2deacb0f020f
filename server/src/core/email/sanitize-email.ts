import sanitizeHtml from 'sanitize-html'
import { boundHtml } from './bound-html.ts'

export type SanitizeOptions = {
  /** The URL of the attachment with this content id, without brackets; undefined where there is none. */
  urlOfImage(contentId: string): string | undefined
}

/** Elements that are nested deeper are left out with all that is in them. Mails made of tables go to about forty. */
const NESTING_MAX = 100
const URL_CHARACTERS_MAX = 2_000

const LINK = /^(https?:\/\/|mailto:|tel:)/i
const REMOTE = /^https?:\/\//i
const CONTENT_ID = /^cid:/i

const TEXT_TAGS =
  'a abbr b bdi bdo big br cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup tt u var wbr'
const BLOCK_TAGS =
  'address article aside blockquote center dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr img li main ol p pre section ul'
const TABLE_TAGS = 'caption col colgroup table tbody td tfoot th thead tr'
const DROPPED_WITH_TEXT = [
  'script',
  'style',
  'textarea',
  'option',
  'noscript',
  'title',
  'head',
  'template',
  'iframe',
  'object',
]

const LENGTH = '\\d{1,4}(\\.\\d{1,3})?(px|pt|em|rem|ex|ch|%)?'
const COLOR = '#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\\([0-9., %]{5,40}\\)'
const oneOf = (...words: string[]) => exactly(words.join('|'))
const upTo = (count: number, part: string) => exactly(`(${part})( (${part})){0,${count - 1}}`)
const exactly = (pattern: string) => new RegExp(`^(${pattern})$`, 'i')

/**
 * Makes an HTML email safe to show within a page: no scripts, forms or frames; only styles that stay inside their element;
 * nothing that loads from elsewhere, so that opening a message tells its sender nothing. Images that came with the email
 * are shown by the URLs that are given; of others only the address stays, as `data-blocked-src`. Links open apart and name
 * no referrer.
 */
export function sanitizeEmail(html: string, { urlOfImage }: SanitizeOptions): string {
  return sanitizeHtml(boundHtml(html), {
    allowedTags: `${TEXT_TAGS} ${BLOCK_TAGS} ${TABLE_TAGS}`.split(' '),
    nonTextTags: DROPPED_WITH_TEXT,
    nestingLimit: NESTING_MAX,
    allowedAttributes: ALLOWED_ATTRIBUTES,
    allowedStyles: { '*': ALLOWED_STYLES },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowProtocolRelative: false,
    transformTags: {
      a: (tagName, { href, title, style }) => ({
        tagName,
        attribs: { ...withoutEmpty({ title, style }), ...linkTo(href) },
      }),
      img: (tagName, { src, alt, title, width, height, style }) => ({
        tagName,
        attribs: { ...withoutEmpty({ alt, title, width, height, style }), ...imageAt(src?.trim() ?? '', urlOfImage) },
      }),
    },
  })
}

const SIZED = ['width', 'height', 'align', 'valign', 'bgcolor', 'dir', 'style', 'title', 'lang']
const ALLOWED_ATTRIBUTES = {
  '*': ['align', 'dir', 'lang', 'style', 'title'],
  a: ['href', 'target', 'rel', 'title', 'style'],
  img: ['src', 'data-blocked-src', 'alt', 'title', 'width', 'height', 'style'],
  font: ['color', 'face', 'size', 'style'],
  ol: ['start', 'type', 'style'],
  table: [...SIZED, 'border', 'cellpadding', 'cellspacing'],
  td: [...SIZED, 'colspan', 'rowspan'],
  th: [...SIZED, 'colspan', 'rowspan'],
  tr: SIZED,
  col: [...SIZED, 'span'],
}

// Nothing with url(), nothing that leaves its element (position, negative margins, transforms), nothing that animates.
const ALLOWED_STYLES: Record<string, RegExp[]> = {
  color: [exactly(COLOR)],
  'background-color': [exactly(COLOR)],
  'font-family': [/^[\p{L}\p{N} ,'"_-]{1,200}$/u],
  'font-size': [
    exactly(LENGTH),
    oneOf('xx-small', 'x-small', 'small', 'medium', 'large', 'x-large', 'smaller', 'larger'),
  ],
  'font-style': [oneOf('normal', 'italic', 'oblique')],
  'font-weight': [oneOf('normal', 'bold', 'bolder', 'lighter', '[1-9]00')],
  'line-height': [exactly(LENGTH), oneOf('normal')],
  'text-align': [oneOf('left', 'right', 'center', 'justify', 'start', 'end')],
  'text-decoration': [oneOf('none', 'underline', 'line-through')],
  'text-transform': [oneOf('none', 'uppercase', 'lowercase', 'capitalize')],
  'vertical-align': [oneOf('top', 'middle', 'bottom', 'baseline', 'sub', 'super')],
  'white-space': [oneOf('normal', 'pre-wrap', 'pre-line', 'nowrap')],
  direction: [oneOf('ltr', 'rtl')],
  display: [oneOf('none', 'inline', 'block', 'inline-block', 'table', 'table-row', 'table-cell')],
  'list-style-type': [
    oneOf('none', 'disc', 'circle', 'square', 'decimal', 'lower-alpha', 'upper-alpha', 'lower-roman'),
  ],
  'border-collapse': [oneOf('collapse', 'separate')],
  'border-radius': [upTo(4, LENGTH)],
  ...Object.fromEntries(['padding', 'margin'].map((name) => [name, [upTo(4, `${LENGTH}|auto`)]])),
  ...perSide('padding', [exactly(LENGTH)]),
  ...perSide('margin', [exactly(`${LENGTH}|auto`)]),
  border: [upTo(3, `${LENGTH}|none|solid|dashed|dotted|double|${COLOR}`)],
  ...perSide('border', [upTo(3, `${LENGTH}|none|solid|dashed|dotted|double|${COLOR}`)]),
  width: [exactly(`${LENGTH}|auto`)],
  height: [exactly(`${LENGTH}|auto`)],
  'max-width': [exactly(`${LENGTH}|none`)],
}

function perSide(name: string, patterns: RegExp[]): Record<string, RegExp[]> {
  return Object.fromEntries(['top', 'right', 'bottom', 'left'].map((side) => [`${name}-${side}`, patterns]))
}

/** A relative link of an email leads nowhere, or into the page that shows it. */
function linkTo(href: string | undefined): Record<string, string> {
  const target = href?.trim() ?? ''
  if (!LINK.test(target) || target.length > URL_CHARACTERS_MAX) return {}
  return { href: target, target: '_blank', rel: 'noopener noreferrer' }
}

function imageAt(src: string, urlOfImage: SanitizeOptions['urlOfImage']): Record<string, string> {
  if (CONTENT_ID.test(src)) {
    const url = urlOfImage(decodeContentId(src.slice('cid:'.length)))
    return url === undefined ? {} : { src: url }
  }
  return REMOTE.test(src) && src.length <= URL_CHARACTERS_MAX ? { 'data-blocked-src': src } : {}
}

/** RFC 2392: a content id stands percent-encoded in a URL. */
function decodeContentId(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}

function withoutEmpty(attributes: Record<string, string | undefined>): Record<string, string> {
  const given = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(given)
}
