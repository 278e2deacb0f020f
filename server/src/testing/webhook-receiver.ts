import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { until } from './client-world.ts'

export type Received = { path: string; headers: IncomingHttpHeaders; body: string }
/** A status, or whatever is done with the reply; what does nothing never answers. */
export type Answer = number | ((reply: ServerResponse) => void)

export type WebhookReceiver = {
  url: string
  /** In the order of their arrival. */
  received: Received[]
  /** The `webhook-id` of each. */
  ids(): string[]
  /** What is answered from now on: by default 200. */
  answer(answer: Answer): void
  /** The same, decided for each request by itself; `count` is how many there were with it. */
  answerEach(decide: (request: Received, count: number) => Answer): void
  /** Waits for so many requests in all. */
  untilReceived(count: number): Promise<Received[]>
}

/** Somebody's server on loopback, which answers as it is told. */
export async function openReceiver(t: TestContext): Promise<WebhookReceiver> {
  const received: Received[] = []
  let give: (request: Received, count: number) => Answer = () => 200
  const server = createServer(async (req, reply) => {
    const request = { path: req.url!, headers: req.headers, body: await text(req) }
    received.push(request)
    const answer = give(request, received.length)
    if (typeof answer === 'number') reply.writeHead(answer).end(`status ${answer}`)
    else answer(reply)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    ids: () => received.map(({ headers }) => String(headers['webhook-id'])),
    answer: (answer) => {
      give = () => answer
    },
    answerEach: (decide) => {
      give = decide
    },
    async untilReceived(count) {
      await until(`${count} webhooks have come`, () => received.length >= count)
      return received
    },
  }
}
