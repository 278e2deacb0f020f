// What one client sends. Requests of a connection are carried out one after the other, so that two messages sent in
// a row stand in that order; each waits until the client has read the answers before it. Too many frames, or too
// many that wait, end the connection.

import { AppError } from '../core/errors.ts'
import type { Engine } from './engine.ts'
import { carryOut } from './operations.ts'
import { CLOSE, type Operation, type Refusal, type RequestId } from './protocol.ts'
import type { Session } from './session.ts'
import { signIn } from './sign-in.ts'

/** Where a connection comes from, and the workspace that it names. */
export type Visitor = { address: string | null; origin: string | null; workspaceId: string | null }

export class Inbox {
  readonly #engine: Engine
  readonly #session: Session
  readonly #visitor: Visitor
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #framesLeft: number
  #countedAtMs = performance.now()

  constructor(engine: Engine, session: Session, visitor: Visitor) {
    this.#engine = engine
    this.#session = session
    this.#visitor = visitor
    this.#framesLeft = engine.limits.framesBurst
  }

  /** Signs in with what the connection came with. */
  signIn(credentials: { token: string | null; ticket: string | null; cursor: string | null }): void {
    this.#begin({ ...credentials, re: null })
  }

  /** Takes a frame from the client. */
  receive(text: string): void {
    if (this.#session.isClosed) return
    const frame = parseObject(text)
    if (!this.#mayGoOn()) this.#session.close(CLOSE.tooMany)
    else if (frame === undefined) this.#session.close(CLOSE.malformed)
    else this.#read(frame)
  }

  #read(frame: Record<string, unknown>) {
    const { skin } = this.#session.wire
    const re = skin.requestId(frame)
    try {
      const operation = skin.parse(frame)
      if (operation === undefined) this.#session.close(CLOSE.malformed)
      else this.#take(operation, re)
    } catch (error) {
      this.#refuse(error, re)
    }
  }

  #take(operation: Operation, re: RequestId | null) {
    if (operation.op === 'auth') {
      if (this.#session.state !== 'authenticating') throw new AppError('invalid_request', { fields: ALREADY })
      const { token, ticket, cursor } = operation
      return this.#begin({ token, ticket, cursor, re })
    }
    if (this.#session.state === 'authenticating') throw new AppError('unauthenticated')
    this.#enqueue(async () => {
      try {
        const answer = await carryOut(this.#engine, this.#session, { operation, re })
        const text = answer === null ? null : this.#session.wire.skin.answer(answer, re)
        if (text !== null) this.#session.say([text])
      } catch (error) {
        this.#refuse(error, re)
      }
    })
  }

  #begin(credentials: { token: string | null; ticket: string | null; cursor: string | null; re: RequestId | null }) {
    // At once, so that a second auth frame is refused.
    this.#session.beginConnecting()
    this.#enqueue(() => signIn(this.#engine, this.#session, { ...credentials, ...this.#visitor, withCounts: true }))
  }

  #enqueue(work: () => Promise<void>) {
    if (this.#waiting >= this.#engine.limits.operationsWaitingMax) return this.#session.close(CLOSE.tooMany)
    this.#waiting++
    this.#last = this.#last.then(async () => {
      if (!this.#session.isClosed) await work()
      await this.#session.untilWritable()
      this.#waiting--
    })
  }

  #refuse(error: unknown, re: RequestId | null) {
    const known = error instanceof AppError ? error : new AppError('internal', { cause: error })
    if (known.kind === 'internal') this.#engine.log.error({ err: error }, 'a request over a connection failed')
    this.#session.say([this.#session.wire.skin.refusal(toRefusal(known), re)])
  }

  /** A bucket of frames that fills again with time. */
  #mayGoOn(): boolean {
    const { framesPerSecond, framesBurst } = this.#engine.limits
    const nowMs = performance.now()
    const refill = ((nowMs - this.#countedAtMs) / 1_000) * framesPerSecond
    this.#framesLeft = Math.min(framesBurst, this.#framesLeft + refill) - 1
    this.#countedAtMs = nowMs
    return this.#framesLeft >= 0
  }
}

const ALREADY = { op: ['has signed in already: open another connection'] }

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null && !Array.isArray(frame) ? { ...frame } : undefined
  } catch {
    return undefined
  }
}

function toRefusal({ code, kind, message, param, fields, retryAfterMs }: AppError): Refusal {
  return {
    code,
    message,
    param: param ?? null,
    fields: fields ?? null,
    isRetryable: kind === 'rate_limited' || kind === 'unavailable' || kind === 'internal',
    afterMs: retryAfterMs ?? null,
  }
}
