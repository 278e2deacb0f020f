import { WebSocket } from 'ws'
import { connectionOf, type RtConnection, type RtFrame, untilClosed } from '../../server/src/testing/rt-transport.ts'

type Beside = { url: string; token: string; take(frame: RtFrame): void; onClosed(): void }

/**
 * A socket for the requests of a client that follows over HTTP, opened with the first one. Only its answers count:
 * the events come the other way.
 */
export function createSideSocket({ url, token, take, onClosed }: Beside): RtConnection {
  let connection: RtConnection | undefined
  let isReady = false
  const waiting: string[] = []
  const open = () => {
    const socket = new WebSocket(`${url}/v1/ws/connect`, 'rt.v1', { headers: { authorization: `Bearer ${token}` } })
    connection = connectionOf(socket)
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as RtFrame
      if (frame.op === 'ready') {
        isReady = true
        for (const text of waiting.splice(0)) socket.send(text)
      } else if (frame.re !== undefined) take(frame)
    })
    void untilClosed(socket).then(onClosed)
  }
  return {
    send: (text) => {
      if (connection === undefined) open()
      if (isReady) connection!.send(text)
      else waiting.push(text)
    },
    terminate: () => connection?.terminate(),
  }
}
