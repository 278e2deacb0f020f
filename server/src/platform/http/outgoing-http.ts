import { isIP } from 'node:net'
import { Agent, request } from 'undici'
import { type AddressRules, createAddressRules } from './address-rules.ts'
import { explainHttpError } from './explain-http-error.ts'
import { createGuardedConnector } from './guarded-connector.ts'
import type { OutgoingHttp, OutgoingReply, OutgoingRequest } from './outgoing.ts'
import { createResolveAddresses, isLocalhost, type ResolveAddresses } from './resolve-addresses.ts'

export type OutgoingHttpOptions = {
  /** Networks (CIDR) that may be called although they are not public; `*` for all. */
  allowedPrivate: readonly string[]
  /** The name servers unless said. */
  resolve?: ResolveAddresses
}

const CONNECT_TIMEOUT_MS = 5_000
const KEEP_ALIVE_MS = 10_000

/** An HTTP client that reaches only public addresses, for URLs that strangers choose. */
export function createOutgoingHttp({ allowedPrivate, resolve }: OutgoingHttpOptions): OutgoingHttp {
  const rules = createAddressRules(allowedPrivate)
  const agent = new Agent({
    connect: createGuardedConnector({
      rules,
      resolve: resolve ?? createResolveAddresses(),
      timeoutMs: CONNECT_TIMEOUT_MS,
    }),
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    allowH2: false,
    maxHeaderSize: 16_384,
  })
  return {
    explainRefusal: (url) => explainRefusal(url, rules),
    post: async (outgoing) => {
      const refusal = explainRefusal(outgoing.url, rules)
      if (refusal !== undefined) return { error: `the URL ${refusal}` }
      try {
        return await post(agent, outgoing)
      } catch (error) {
        return { error: explainHttpError(error) }
      }
    },
    close: () => agent.destroy(),
  }
}

async function post(agent: Agent, outgoing: OutgoingRequest): Promise<OutgoingReply> {
  const { url, headers, body, timeoutMs, responseBytesMax } = outgoing
  const signal = AbortSignal.timeout(timeoutMs)
  const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
  const reply = await request(url, { dispatcher: agent, method: 'POST', headers, body, signal, ...timeouts })
  const retryAfter = reply.headers['retry-after']
  return {
    status: reply.statusCode,
    retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    body: await readBeginning(reply.body, responseBytesMax),
  }
}

/** The status has said what there is to say, so a body that breaks off is no failure. */
async function readBeginning(body: AsyncIterable<Buffer>, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      bytes += chunk.length
      // Leaving the loop ends the connection where more would come.
      if (bytes >= bytesMax) break
    }
  } catch {
    // What has come is shown.
  }
  return Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8')
}

function explainRefusal(text: string, rules: AddressRules): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'must be a URL such as https://example.com/webhooks'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or a password'
  if (url.protocol === 'http:' && !rules.allowsSome) return 'must begin with https://'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https://'
  const address = literalAddressOf(url)
  if (address === undefined) return undefined
  if (!rules.isAllowed(address)) return 'must not lead to a private address'
  return url.protocol === 'http:' && !rules.isListed(address) ? 'must begin with https://' : undefined
}

/** The address that a URL names itself; the parser has already put odd spellings such as `0x7f.1` right. */
function literalAddressOf({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isLocalhost(bare)) return '127.0.0.1'
  return isIP(bare) === 0 ? undefined : bare
}
