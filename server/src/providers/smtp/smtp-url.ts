/** How to reach a mail server. */
export type SmtpServer = {
  host: string
  port: number
  /** TLS from the first byte. */
  isSecure: boolean
  /** What to do about STARTTLS where TLS is not there from the start. */
  starttls: 'required' | 'optional' | 'never'
  credentials: { user: string; pass: string } | null
}

const PORT_SECURE = 465
const PORT_SUBMISSION = 587
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/

/**
 * Reads `smtps://user:password@host:465` (TLS from the start) or `smtp://user:password@host:587` (STARTTLS). STARTTLS is
 * required where a password would cross a network without it, else used where it is offered; `?starttls=required`, `optional`
 * or `never` says otherwise. Throws, in words for the operator and without the password, where it is no such URL.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.parse(text)
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    throw new Error('must be a URL such as smtp://user:password@mail.example.com:587')
  }
  const host = decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '')
  const isSecure = url.protocol === 'smtps:'
  const user = decodeURIComponent(url.username)
  const credentials = user === '' ? null : { user, pass: decodeURIComponent(url.password) }
  const usual = credentials !== null && !LOOPBACK.test(host) ? 'required' : 'optional'
  return {
    host,
    port: url.port === '' ? (isSecure ? PORT_SECURE : PORT_SUBMISSION) : Number(url.port),
    isSecure,
    starttls: parseStarttls(url.searchParams.get('starttls') ?? usual),
    credentials,
  }
}

function parseStarttls(text: string): SmtpServer['starttls'] {
  if (text === 'required' || text === 'optional' || text === 'never') return text
  throw new Error('starttls must be required, optional or never')
}
