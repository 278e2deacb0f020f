import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, answerFault, isAccepted, presentError, presentJson, write } from './twilio-faults.ts'
import { createSid, type EmulatedMessage, presentDate, presentMessage } from './twilio-messages.ts'
import { type EmulatorState, LOG_MAX } from './twilio-state.ts'
import { startPlan } from './twilio-statuses.ts'
import { validateMessage } from './twilio-validate.ts'

const FORM_BYTES_MAX = 1_048_576
const PAGE_SIZE = 50
const PAGE_SIZE_MAX = 1_000

/** Answers requests as api.twilio.com does. @see https://www.twilio.com/docs/messaging/api */
export async function handleApi(state: EmulatorState, req: IncomingMessage, reply: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? '/', state.apiUrl)
  const form = new URLSearchParams(await readForm(req))
  const { method = '', headers } = req
  state.requests.push({ method, path: url.pathname, query: [...url.searchParams], headers, form: [...form] })
  if (state.requests.length > LOG_MAX) state.requests.shift()

  const credentials = Buffer.from(`${state.accountSid}:${state.authToken}`).toString('base64')
  if (headers.authorization !== `Basic ${credentials}`) {
    const answer = presentError({ status: 401, code: 20003, message: 'Authenticate' })
    write(reply, { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Basic realm="Twilio API"' } })
    return
  }
  const root = `/2010-04-01/Accounts/${state.accountSid}/`
  const path = url.pathname.startsWith(root) ? url.pathname.slice(root.length) : ''
  if (path === 'Messages.json' && method === 'POST') return createMessage(state, form, reply)
  const fault = method === 'GET' ? state.readFaults.take() : undefined
  const answer = method === 'GET' ? read(state, url, path) : presentNotFound(url)
  if (fault === undefined) write(reply, answer)
  else answerFault(reply, fault, answer)
}

async function readForm(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of req) {
    bytes += chunk.length
    if (bytes <= FORM_BYTES_MAX) chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function createMessage(state: EmulatorState, form: URLSearchParams, reply: ServerResponse): Promise<void> {
  const fault = state.createFaults.take()
  if (fault !== undefined && !isAccepted(fault)) return answerFault(reply, fault, presentJson(201, {}))
  const error = validateMessage(form, state.ownNumbers) ?? findOptOut(state, form)
  if (error !== undefined) return write(reply, presentError(error))
  const message = state.store.add(readMessage(form))
  const made = presentJson(201, presentMessage(message, state.accountSid))
  // Where callbacks come first, this waits for them.
  if (state.style.when === 'before_answer') await startPlan(state, message)
  if (fault !== undefined) answerFault(reply, fault, made)
  else write(reply, made)
  if (state.style.when !== 'before_answer') await startPlan(state, message)
}

function findOptOut({ optOuts }: EmulatorState, form: URLSearchParams) {
  const isOut = optOuts.has(`${form.get('From')}|${form.get('To')}`)
  return isOut ? { status: 400, code: 21610, message: 'Attempt to send to unsubscribed recipient' } : undefined
}

function readMessage(form: URLSearchParams): Omit<EmulatedMessage, 'createdAt' | 'updatedAt'> {
  const mediaUrls = form.getAll('MediaUrl')
  const messagingServiceSid = form.get('MessagingServiceSid')
  return {
    sid: createSid(mediaUrls.length > 0 ? 'MM' : 'SM'),
    from: form.get('From'),
    to: form.get('To') ?? '',
    messagingServiceSid,
    body: form.get('Body') ?? '',
    status: messagingServiceSid === null ? 'queued' : 'accepted',
    direction: 'outbound-api',
    errorCode: null,
    mediaUrls,
    media: [],
    statusCallback: form.get('StatusCallback'),
  }
}

const PATH = /^Messages\/(\w{34})(\/Media(?:\/(\w{34}))?)?(\.json)?$/

function read(state: EmulatorState, url: URL, path: string): Answer {
  if (path === 'Messages.json') return listMessages(state, url)
  const [, sid, list, mediaSid, json] = PATH.exec(path) ?? []
  const message = sid === undefined ? undefined : state.store.find(sid)
  if (message === undefined) return presentNotFound(url)
  if (list === undefined) return presentJson(200, presentMessage(message, state.accountSid))
  if (mediaSid === undefined) {
    return presentJson(200, { media_list: message.media.map((file) => presentMedia(state, message, file)) })
  }
  const file = message.media.find(({ sid }) => sid === mediaSid)
  if (file === undefined) return presentNotFound(url)
  if (json !== undefined) return presentJson(200, presentMedia(state, message, file))
  return { status: 307, headers: { location: `${state.mediaUrl}/${message.sid}/${file.sid}?signed=yes` }, body: '' }
}

function listMessages(state: EmulatorState, url: URL): Answer {
  const query = url.searchParams
  const size = Math.min(Number(query.get('PageSize') ?? PAGE_SIZE) || PAGE_SIZE, PAGE_SIZE_MAX)
  const page = Number(query.get('Page') ?? 0) || 0
  const all = state.isListed ? state.store.list().filter((message) => isWanted(message, query)) : []
  const newestFirst = all.toReversed()
  const path = (number: number) => {
    const wanted = new URLSearchParams(query)
    wanted.set('Page', String(number))
    if (number > 0) wanted.set('PageToken', `PA${newestFirst[number * size - 1]?.sid ?? ''}`)
    return `${url.pathname}?${wanted}`
  }
  const shown = newestFirst.slice(page * size, (page + 1) * size)
  return presentJson(200, {
    messages: shown.map((message) => presentMessage(message, state.accountSid)),
    first_page_uri: path(0),
    next_page_uri: (page + 1) * size < newestFirst.length ? path(page + 1) : null,
    previous_page_uri: page > 0 ? path(page - 1) : null,
    page,
    page_size: size,
    start: page * size,
    end: page * size + shown.length - 1,
    uri: path(page),
  })
}

function isWanted(message: EmulatedMessage, query: URLSearchParams): boolean {
  const is = (name: string, value: string | null) => !query.has(name) || query.get(name) === value
  const at = message.createdAt.getTime()
  const [after, before, on] = ['DateSent>', 'DateSent<', 'DateSent'].map((name) => query.get(name))
  return (
    is('To', message.to) &&
    is('From', message.from) &&
    (!after || at >= Date.parse(after)) &&
    (!before || at <= Date.parse(before)) &&
    (!on || message.createdAt.toISOString().startsWith(on))
  )
}

function presentMedia({ accountSid }: EmulatorState, message: EmulatedMessage, file: EmulatedMessage['media'][number]) {
  return {
    account_sid: accountSid,
    content_type: file.contentType,
    date_created: presentDate(message.createdAt),
    date_updated: presentDate(message.createdAt),
    parent_sid: message.sid,
    sid: file.sid,
    uri: `/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}/Media/${file.sid}.json`,
  }
}

function presentNotFound({ pathname }: URL): Answer {
  const message = `The requested resource ${pathname} was not found`
  return presentError({ status: 404, code: 20404, message })
}

/** Gives the bytes of media to whoever has the link. As stores do, it refuses credentials beside a signed link. */
export function handleMedia(state: EmulatorState, req: IncomingMessage, reply: ServerResponse): void {
  const [, messageSid = '', mediaSid] = /^\/(\w+)\/(\w+)\?signed=yes$/.exec(req.url ?? '') ?? []
  const file = state.store.find(messageSid)?.media.find(({ sid }) => sid === mediaSid)
  if (req.headers.authorization !== undefined) reply.writeHead(400).end('Only one auth mechanism allowed')
  else if (file === undefined) reply.writeHead(404).end()
  else reply.writeHead(200, { 'content-type': file.contentType, 'content-length': file.bytes.length }).end(file.bytes)
}
