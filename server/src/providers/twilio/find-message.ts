import type { Outgoing } from '../../core/deliveries/carrier.ts'
import { isFailure, type VendorHttp } from '../../platform/http/vendor-http.ts'
import { isMessagingService, presentAddress } from './address.ts'
import { type MessageResource, parseJson, parseMessagePage } from './message-resource.ts'

export type Finding = { http: VendorHttp; messagesPath: string; headers: Record<string, string>; signal: AbortSignal }

type Found = { carrierId: string; carrierStatus: string }

const PAGE_SIZE = 50
const PAGES_MAX = 10
/** `date_created` has whole seconds, and clocks differ a little. */
const EARLIER_MS = 2_000
/** Until the request was written, and Twilio had made the message. */
const LATER_MS = 120_000
/** Where another message looks the same this near, ours cannot be told from it. */
const LOOKALIKE_MS = 600_000
/** A trial account's messages begin with this. https://help.twilio.com/articles/360036052753 */
const TRIAL_PREFIX = 'Sent from your Twilio trial account - '
const DAY_MS = 86_400_000

/**
 * Looks for a message among those that Twilio lists, by sender, recipient, text, number of files and time. Says undefined
 * unless exactly one looks like ours. Never null: Twilio lists a message minutes and at times hours after it has taken it
 * (https://github.com/twilio/twilio-java/issues/442, https://github.com/twilio/twilio-node/issues/647), so that one
 * that is not listed may well have been sent. Two messages with the same text within seconds can still be taken for each
 * other: the caller sees that no other delivery has the id.
 */
export async function findMessage(message: Outgoing, since: string, finding: Finding): Promise<Found | undefined> {
  const sinceMs = Date.parse(since)
  if (message.transport === 'email' || !Number.isFinite(sinceMs)) return undefined
  const listed = await listMessages(presentQuery(message, sinceMs), finding)
  const alike = listed?.filter((found) => isAlike(found, message) && isNear(found, sinceMs, LOOKALIKE_MS, LOOKALIKE_MS))
  const [found] = alike ?? []
  if (found === undefined || alike?.length !== 1 || !isNear(found, sinceMs, EARLIER_MS, LATER_MS)) return undefined
  return { carrierId: found.sid, carrierStatus: found.status }
}

function presentQuery({ transport, from, to }: Outgoing, sinceMs: number): URLSearchParams {
  // Only whole days are documented. https://github.com/twilio/twilio-oai/issues/21
  const day = new Date(Math.floor((sinceMs - LOOKALIKE_MS) / DAY_MS) * DAY_MS).toISOString()
  const query = new URLSearchParams({ To: presentAddress(transport, to) })
  // The sender that a service chooses is not known beforehand.
  if (!isMessagingService(from)) query.append('From', presentAddress(transport, from))
  query.append('DateSent>', day.replace('.000Z', 'Z'))
  query.append('PageSize', String(PAGE_SIZE))
  return query
}

/** All of them; undefined where they are too many, or Twilio does not say. */
async function listMessages(query: URLSearchParams, finding: Finding): Promise<MessageResource[] | undefined> {
  const { http, messagesPath, headers, signal } = finding
  const all: MessageResource[] = []
  let path: string | null = `${messagesPath}?${query}`
  for (let page = 0; path !== null; page++) {
    // Our credentials go with it: a page that leads elsewhere is not followed.
    if (page === PAGES_MAX || !path.startsWith(`${messagesPath}?`)) return undefined
    const reply = await http.send({ method: 'GET', path, headers, signal })
    if (isFailure(reply) || reply.status !== 200 || !reply.isWhole) return undefined
    const parsed = parseMessagePage(parseJson(reply.body))
    if (parsed === undefined) return undefined
    all.push(...parsed.messages)
    path = parsed.nextPath
  }
  return all
}

function isAlike(found: MessageResource, { transport, from, to, body, files }: Outgoing): boolean {
  const isSameSender = isMessagingService(from)
    ? found.messagingServiceSid === from
    : found.from === presentAddress(transport, from)
  return (
    found.direction.startsWith('outbound') &&
    isSameSender &&
    found.to === presentAddress(transport, to) &&
    [body, `${TRIAL_PREFIX}${body}`].includes(found.body ?? '') &&
    found.numMedia === files.length
  )
}

function isNear({ createdAtMs }: MessageResource, sinceMs: number, earlierMs: number, laterMs: number): boolean {
  return createdAtMs !== null && createdAtMs >= sinceMs - earlierMs && createdAtMs <= sinceMs + laterMs
}
