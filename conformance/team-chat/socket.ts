// biome-ignore-all lint/suspicious/noExplicitAny: frames are what a test looks into, whatever they are.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { eventually } from '../harness/eventually.ts'

export type Frame = { event: string; data: any; id?: any; stream?: string; seq?: number; cursor?: string; at?: string }

export type Socket = {
  /** All that came, in order. */
  frames: Frame[]
  /** The first frame of this name that satisfies, once it is there. */
  hears(event: string, matches?: (data: any, frame: Frame) => boolean): Promise<Frame>
  names(): string[]
  send(frame: object | string): void
  /** Sends a frame with an id, and gives the ACK or ERROR that carries it. */
  ask(event: string, data?: object): Promise<Frame>
  /** The code with which the server closes it. */
  closed: Promise<number>
  /** Breaks the connection off, as a lost network does. */
  drop(): void
}

type Options = { query?: Record<string, string>; headers?: Record<string, string>; path?: string }

/** Opens a socket without waiting for anything. */
export function openSocket(url: string, { query = {}, headers = {}, path = '/ws' }: Options = {}): Socket {
  const target = new URL(path, url.replace(/^http/, 'ws'))
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value)
  const ws = new WebSocket(target, { headers })
  const frames: Frame[] = []
  ws.on('message', (data) => frames.push(JSON.parse(String(data))))
  ws.on('error', () => {})
  const closed = once(ws, 'close').then(([code]) => Number(code))
  const opened = once(ws, 'open')
  opened.catch(() => {})
  let asked = 0
  const hears: Socket['hears'] = (event, matches = () => true) =>
    eventually(() => {
      const found = frames.find((frame) => frame.event === event && matches(frame.data, frame))
      if (found === undefined) throw new Error(`no ${event} among ${JSON.stringify(frames)}`)
      return found
    })
  const send = (frame: object | string) =>
    void opened.then(() => ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame)))
  return {
    ...{ frames, hears, send, closed },
    names: () => frames.map(({ event }) => event),
    ask: (event, data) => {
      const id = `ask-${++asked}`
      send({ id, event, ...(data && { data }) })
      return eventually(() => {
        const answer = frames.find((frame) => frame.id === id)
        if (answer === undefined) throw new Error(`no answer to ${event} among ${JSON.stringify(frames)}`)
        return answer
      })
    },
    drop: () => ws.terminate(),
  }
}

/** A socket of somebody, ready. */
export async function enter(url: string, { token }: { token: string }, query: Record<string, string> = {}) {
  const socket = openSocket(url, { query, headers: { authorization: `Bearer ${token}` } })
  await socket.hears('READY')
  return socket
}
