import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export type SignedRequest = {
  authToken: string
  /** The header `X-Twilio-Signature`. */
  signature: string | undefined
  /** The whole URL as Twilio was given it, with its query: of the public address, not of what stands behind a proxy. */
  url: string
  /** The form's fields in any order, repeated ones included; or, for what is no form, the body's bytes as they came. */
  body: { form: Iterable<[string, string]> } | { raw: Uint8Array }
}

/**
 * Whether Twilio signed this request: HMAC-SHA1 over the URL and the sorted fields of the form. A body that is no form is
 * signed by its SHA-256, which stands in the URL as `bodySHA256`. Twilio signs some URLs with the port and some without, so
 * both count, as they do in its own SDK. Takes the same time whether or not the signature is right.
 * @see https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function verifySignature({ authToken, signature, url, body }: SignedRequest): boolean {
  // Anybody can sign with a token that is not set.
  if (authToken === '') return false
  const fields = 'form' in body ? joinFields(body.form) : ''
  let isSigned = false
  for (const candidate of listUrls(url)) {
    const expected = createHmac('sha1', authToken).update(`${candidate}${fields}`).digest('base64')
    isSigned = isSame(signature ?? '', expected) || isSigned
  }
  return 'form' in body ? isSigned : isBodyNamed(url, body.raw) && isSigned
}

/** A field that comes more than once counts once per value, by value. */
function joinFields(form: Iterable<[string, string]>): string {
  const values = new Map<string, Set<string>>()
  for (const [name, value] of form) values.set(name, (values.get(name) ?? new Set()).add(value))
  return [...values.keys()]
    .sort()
    .flatMap((name) => [...values.get(name)!].sort().map((value) => `${name}${value}`))
    .join('')
}

const URL_PARTS = /^(https?:)\/\/((?:[^/?#@]*@)?)(\[[^\]]*\]|[^/?#:]*)((?::\d+)?)([^#]*)/i

/** The URL with its port and without; an unwritten port is the protocol's own. Connection overrides are never signed. */
function listUrls(url: string): string[] {
  const [, protocol, user, host, port, rest] = URL_PARTS.exec(url) ?? []
  if (protocol === undefined) return [url]
  const withPort = port || (protocol.toLowerCase() === 'https:' ? ':443' : ':80')
  return [`${protocol}//${user}${host}${rest}`, `${protocol}//${user}${host}${withPort}${rest}`]
}

function isBodyNamed(url: string, raw: Uint8Array): boolean {
  const named = URL.parse(url)?.searchParams.get('bodySHA256') ?? ''
  return isSame(named.toLowerCase(), createHash('sha256').update(raw).digest('hex'))
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
