import type { FastifyReply } from 'fastify'
import type { Reply } from '../core/idempotency/run-once.ts'

/** A reply that tells of a failure without an error thrown: the transaction must not commit. */
export class Unkept extends Error {
  readonly reply: Reply

  constructor(reply: Reply) {
    super('a reply that is not kept')
    this.reply = reply
  }
}

/**
 * Runs a handler and gives back what it would have sent, serialised, without sending it. Meanwhile the reply's `then` is
 * hidden: a handler that returns the reply itself would wait there for what is not sent.
 */
export async function captureReply(reply: FastifyReply, handle: () => unknown): Promise<Reply> {
  let captured: { payload: unknown } | undefined
  const capture = (payload?: unknown) => {
    captured ??= { payload }
    return reply
  }
  Object.defineProperties(reply, {
    send: { value: capture, configurable: true },
    // biome-ignore lint/suspicious/noThenProperty: hidden, not added
    then: { value: undefined, configurable: true },
  })
  try {
    const returned = await handle()
    const payload = captured === undefined ? returned : captured.payload
    if (payload instanceof Error) throw payload
    const kept = { status: reply.statusCode, body: serialize(reply, payload) }
    if (kept.status >= 400) throw new Unkept(kept)
    return kept
  } finally {
    Reflect.deleteProperty(reply, 'send')
    Reflect.deleteProperty(reply, 'then')
  }
}

function serialize(reply: FastifyReply, payload: unknown): string | null {
  if (payload === undefined || payload === null) return null
  const text = typeof payload === 'string' ? payload : reply.serialize(payload)
  return text.toString()
}
