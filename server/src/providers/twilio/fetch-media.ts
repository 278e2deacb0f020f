import { Readable } from 'node:stream'
import { isFailure, type VendorHttp, type VendorStream } from '../../platform/http/vendor-http.ts'

export type MediaFetch = {
  /** As the inbound message names it. */
  url: string
  /** A file that is larger fails its stream, or is refused where its size is said beforehand. */
  bytesMax: number
  signal: AbortSignal
}

export type FetchedMedia =
  /** The stream is to be read, or destroyed. It fails where it breaks off. */
  | { outcome: 'fetched'; contentType: string | null; sizeBytes: number | null; stream: Readable }
  /** Final: it will not be there later either. */
  | { outcome: 'failed'; isFinal: boolean; reason: string }

export class MediaTooLargeError extends Error {
  override readonly name = 'MediaTooLargeError'
}

export type MediaAccess = { http: VendorHttp; baseUrl: URL; headers: Record<string, string> }

const TIMEOUT_MS = 60_000
const REDIRECTS_MAX = 3

/**
 * Fetches a file of an inbound message. Twilio asks for the account's credentials and sends on to where the file lies, on
 * another host, which is not given them.
 * @see https://www.twilio.com/docs/messaging/api/media-resource
 */
export async function fetchMedia(
  { url: text, bytesMax, signal }: MediaFetch,
  access: MediaAccess,
): Promise<FetchedMedia> {
  let url = URL.parse(text)
  // Whoever could make us fetch any address from here could look around in our network.
  if (url === null || !isTwilio(url, access)) return failed(true, 'the address of the file is not one of Twilio')
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const headers = isTwilio(url, access) ? access.headers : {}
    const reply = await access.http.open({ url, headers, timeoutMs: TIMEOUT_MS, signal })
    if (isFailure(reply)) return failed(false, reply.failure)
    if (reply.status === 200) return readFile(reply, bytesMax)
    reply.body.on('error', () => {}).destroy()
    const next = findRedirect(reply, url)
    if (next === undefined) return readRefusal(reply.status)
    if (next.protocol !== 'https:' && next.protocol !== access.baseUrl.protocol) {
      return failed(true, 'the file was to be fetched without encryption')
    }
    url = next
  }
  return failed(true, 'too many redirects')
}

function isTwilio(url: URL, { baseUrl }: MediaAccess): boolean {
  if (url.origin === baseUrl.origin) return true
  // With a regional base URL the file may still be named at api.twilio.com.
  const isTwilioBase = baseUrl.hostname.endsWith('.twilio.com')
  return (
    isTwilioBase &&
    url.protocol === 'https:' &&
    url.port === '' &&
    /^api(\.[a-z0-9-]+)*\.twilio\.com$/.test(url.hostname)
  )
}

function findRedirect({ status, headers }: VendorStream, from: URL): URL | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(status)
  return isRedirect && headers.location !== undefined ? (URL.parse(headers.location, from) ?? undefined) : undefined
}

function readFile({ headers, body }: VendorStream, bytesMax: number): FetchedMedia {
  const length = Number(headers['content-length'] ?? Number.NaN)
  const sizeBytes = Number.isSafeInteger(length) && length >= 0 ? length : null
  if (sizeBytes !== null && sizeBytes > bytesMax) {
    body.on('error', () => {}).destroy()
    return failed(true, `the file is larger than ${bytesMax} bytes`)
  }
  const contentType = headers['content-type'] ?? null
  return {
    outcome: 'fetched',
    contentType,
    sizeBytes,
    stream: Readable.from(limit(body, bytesMax), { objectMode: false }),
  }
}

async function* limit(body: Readable, bytesMax: number): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new MediaTooLargeError(`the file is larger than ${bytesMax} bytes`)
    yield chunk
  }
}

/** A file may come a little later than the message that names it, so that 404 is not the last word. */
function readRefusal(status: number): FetchedMedia {
  const isFinal = status === 401 || status === 403 || status === 410
  return failed(isFinal, `the file was refused with HTTP ${status}`)
}

function failed(isFinal: boolean, reason: string): FetchedMedia {
  return { outcome: 'failed', isFinal, reason }
}
