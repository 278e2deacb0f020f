// biome-ignore-all lint/suspicious/noExplicitAny: frames are what a test looks into, whatever they are.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { eventually } from '../harness/eventually.ts'

export type Frame = { type: string; data: any; cursor?: string; id?: unknown }

export type Socket = {
  /** All that came, in order. */
  frames: Frame[]
  /** The first frame of this type that satisfies, once it is there. */
  hears(type: string, matches?: (data: any, frame: Frame) => boolean): Promise<Frame>
  send(frame: object): void
  /** The code with which the server closes it. */
  closed: Promise<number>
  /** Breaks the connection off, as a lost network does. */
  drop(): void
}

type Options = { query?: Record<string, string>; headers?: Record<string, string> }

/** Opens the inbox's socket without waiting for anything. */
export function openSocket(url: string, { query = {}, headers = {} }: Options = {}): Socket {
  const target = new URL('/ws/conversations', url.replace(/^http/, 'ws'))
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
  const ws = new WebSocket(target, { headers })
  const frames: Frame[] = []
  ws.on('message', (data) => frames.push(JSON.parse(String(data))))
  ws.on('error', () => {})
  const closed = once(ws, 'close').then(([code]) => Number(code))
  const opened = once(ws, 'open')
  opened.catch(() => {})
  return {
    frames,
    closed,
    hears: (type, matches = () => true) =>
      eventually(() => {
        const found = frames.find((frame) => frame.type === type && matches(frame.data, frame))
        if (found === undefined) throw new Error(`no ${type} among ${JSON.stringify(frames)}`)
        return found
      }),
    send: (frame) => void opened.then(() => ws.send(JSON.stringify(frame))),
    drop: () => ws.terminate(),
  }
}

/** A socket of somebody, subscribed to a conversation or to all. */
export async function enter(
  url: string,
  { token }: { token: string },
  { conversationId, ...query }: Record<string, string> = {},
): Promise<Socket> {
  const socket = openSocket(url, { query, headers: { authorization: `Bearer ${token}` } })
  socket.send({ action: 'subscribe', ...(conversationId && { conversationId }) })
  await socket.hears('subscribed')
  return socket
}
