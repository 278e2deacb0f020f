import { invalidField } from '../errors.ts'
import { fingerprint } from './fingerprint.ts'
import type { InboundWebhookWriter } from './inbound-webhook-writer.ts'
import { BODY_BYTES_MAX } from './schema.ts'

export type StoreInboundWebhook = {
  kind: string
  /** What names it at its carrier, or its `fingerprint`: a repeat is stored once. */
  key: string
  /** Where it was sent to, in full. */
  url: string
  headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The headers to keep, in any case. What says who somebody is never is. */
  keepHeaders: readonly string[]
  /** As it came, whatever is in it; up to 25 MiB. */
  body: Buffer
}

const NEVER_KEPT = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie'])

const PLAIN_KEY = /^[\x20-\x7e]{1,255}$/

/**
 * Stores a webhook whose signature was checked, before it is answered: resolves after the commit. A repeat of its kind and key
 * changes nothing. Throws `overloaded` or `unavailable` where it could not be stored: the carrier sends it again.
 */
export async function storeInboundWebhook(
  writer: InboundWebhookWriter,
  { kind, key, url, headers, keepHeaders, body }: StoreInboundWebhook,
): Promise<{ isRepeat: boolean }> {
  if (body.byteLength > BODY_BYTES_MAX) throw invalidField('body', `must have at most ${BODY_BYTES_MAX} bytes`)
  return writer.write({ kind, key: toKey(key), url, headers: pickHeaders(headers, keepHeaders), body })
}

/** A key is what a stranger wrote: one that would not fit the index, or a terminal, is stored as its hash. */
function toKey(key: string): string {
  return PLAIN_KEY.test(key) ? key : `sha256:${fingerprint(Buffer.from(key, 'utf16le'))}`
}

function pickHeaders(headers: StoreInboundWebhook['headers'], keep: readonly string[]): Record<string, string> {
  const kept = new Set(keep.map((name) => name.toLowerCase()))
  const picked: Record<string, string> = {}
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase()
    if (value === undefined || !kept.has(name) || NEVER_KEPT.has(name)) continue
    picked[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return picked
}
