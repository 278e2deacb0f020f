import assert from 'node:assert/strict'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { ABNORMAL_CLOSE, type RtFrame, type RtVisit } from '../../server/src/testing/rt-transport.ts'
import { createSideSocket } from './side-socket.ts'

const WAIT_S = 5

/** Server-sent events; goes on by Last-Event-ID. */
export async function openEventStream(visit: RtVisit): Promise<number> {
  const { cursor } = visit
  const headers = { accept: 'text/event-stream', ...(cursor !== undefined && { 'last-event-id': cursor }) }
  const asked = ask(visit, '/v1/events', headers)
  const side = createSideSocket({ ...visit, onClosed: () => asked.destroy() })
  visit.opened({ send: side.send, terminate: () => asked.destroy() })
  try {
    const answer = await answerOf(asked)
    if (answer.statusCode !== 200) return await refusalOf(answer)
    return await readEventStream(answer, visit.take)
  } catch (error) {
    requireConnectionError(error)
    return ABNORMAL_CLOSE
  } finally {
    asked.destroy()
    side.terminate()
  }
}

async function readEventStream(answer: IncomingMessage, take: (frame: RtFrame) => void): Promise<number> {
  let unread = ''
  for await (const chunk of answer.setEncoding('utf8')) {
    const blocks = (unread + chunk).split('\n\n')
    unread = blocks.pop()!
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data === undefined) continue
      const frame = JSON.parse(data) as RtFrame
      if (frame.op === 'close') return (frame.d as { code: number }).code
      requireSameCursor(frame, /^id: (.*)$/m.exec(block)?.[1])
      take(frame)
    }
  }
  return ABNORMAL_CLOSE
}

/** What EventSource sends back is the cursor that the frame holds. */
function requireSameCursor(frame: RtFrame, id: string | undefined) {
  if (id === undefined) return
  const cursor = frame.op === 'ready' ? (frame.d as { cursor: string }).cursor : frame.c
  assert.equal(id, cursor)
}

/** Long polls, one after the other, until one fails. */
export async function openLongPolls(visit: RtVisit): Promise<number> {
  let asked: ClientRequest | undefined
  let isCut = false
  const cut = () => {
    isCut = true
    asked?.destroy()
  }
  const side = createSideSocket({ ...visit, onClosed: cut })
  visit.opened({ send: side.send, terminate: cut })
  let { cursor } = visit
  try {
    while (!isCut) {
      asked = ask(visit, `/v1/events?wait_s=${WAIT_S}${cursor === undefined ? '' : `&cursor=${cursor}`}`)
      const answer = await answerOf(asked)
      if (answer.statusCode !== 200) return await refusalOf(answer)
      const polled = JSON.parse(await text(answer)) as { frames: RtFrame[]; cursor: string }
      // A connection that was cut says nothing any more, also where its answer was here already.
      if (isCut) break
      for (const frame of polled.frames) visit.take(frame)
      cursor = polled.cursor
    }
  } catch (error) {
    requireConnectionError(error)
  } finally {
    side.terminate()
  }
  return ABNORMAL_CLOSE
}

function ask({ url, token }: RtVisit, path: string, headers: Record<string, string> = {}): ClientRequest {
  const options = { headers: { ...headers, authorization: `Bearer ${token}` }, agent: false }
  return request(`${url.replace('ws:', 'http:')}${path}`, options).end()
}

function answerOf(asked: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  asked.on('response', resolve)
  asked.on('error', reject)
  asked.on('close', () => reject(Object.assign(new Error('The connection was cut.'), { code: 'ECUT' })))
  return promise
}

async function refusalOf(answer: IncomingMessage): Promise<number> {
  answer.resume()
  return answer.statusCode === 401 ? 4401 : ABNORMAL_CLOSE
}

/** Only the end of a connection is expected; what goes wrong in the client must be heard. */
function requireConnectionError(error: unknown) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!/^(E[A-Z]+|ERR_STREAM_[A-Z_]+)$/.test(code)) throw error
}
