// All open connections of a node, and the one timer that looks after them: who does not sign in, does not answer,
// or does not read. Ownership: the gateway's. Shutdown: `drain` sends them away over some time, `close` at once.

import { setTimeout as delay } from 'node:timers/promises'
import type { LoggedEvent } from '../core/log/events.ts'
import type { Engine } from './engine.ts'
import { findEnded } from './people/find-ended.ts'
import type { PersonActor } from './people/person.ts'
import { CLOSE } from './protocol.ts'
import type { Session } from './session.ts'

const CHECK_MS = 1_000
const BEAT_JITTER = 0.25
const SESSIONS_AT_ONCE = 2_000

export type Connection = {
  session: Session
  /** Asks the client whether it lives; undefined where the transport finds out by itself. */
  ping?: () => void
}

type Watched = Connection & { openedAtMs: number; isHeard: boolean; isAsked: boolean; beatAtMs: number }

export class Connections {
  readonly #engine: Engine
  readonly #watched = new Map<Session, Watched>()
  readonly #timer: NodeJS.Timeout
  /** As of the last check, and who came since then: so this bounds newcomers per second too. */
  #connecting = 0
  #isDraining = false
  #sessionsCheckedAtMs = performance.now()

  constructor(engine: Engine) {
    this.#engine = engine
    this.#timer = setInterval(() => this.check(performance.now()), Math.min(CHECK_MS, engine.limits.beatMs / 4))
    this.#timer.unref()
  }

  get size(): number {
    return this.#watched.size
  }

  /** Whether one more connection may begin. */
  get hasRoom(): boolean {
    const { connectionsMax, connectingMax } = this.#engine.limits
    return !this.#isDraining && this.#watched.size < connectionsMax && this.#connecting < connectingMax
  }

  add(connection: Connection): void {
    const nowMs = performance.now()
    this.#connecting++
    const watched = { ...connection, openedAtMs: nowMs, isHeard: true, isAsked: false, beatAtMs: this.#nextBeat(nowMs) }
    this.#watched.set(connection.session, watched)
  }

  remove(session: Session): void {
    this.#watched.delete(session)
  }

  /** Something came from the client. */
  heard(session: Session): void {
    const watched = this.#watched.get(session)
    if (watched !== undefined) watched.isHeard = true
  }

  /** Looks anew at the contacts of a client that has changed: it may have been revoked. */
  apply(events: LoggedEvent[]): void {
    for (const event of events) {
      if (event.type !== 'client.updated') continue
      const { clientId } = event.data
      this.#checkSessions((actor) => actor.kind === 'contact' && actor.clientId === clientId)
    }
  }

  /** One round of the timer. */
  check(nowMs: number): void {
    if (nowMs >= this.#sessionsCheckedAtMs + this.#engine.limits.sessionCheckMs) {
      this.#sessionsCheckedAtMs = nowMs
      this.#checkSessions(() => true)
    }
    this.#connecting = 0
    const now = this.#engine.core.clock()
    for (const watched of this.#watched.values()) {
      const { session, openedAtMs } = watched
      session.checkReader(nowMs)
      const { state } = session
      if (state === 'authenticating' || state === 'connecting') this.#connecting++
      if (state === 'authenticating' && nowMs - openedAtMs > this.#engine.limits.authTimeoutMs) {
        session.close({ ...CLOSE.signedOut, reason: 'nobody signed in in time' })
      } else if (session.hasExpired(now)) session.close({ ...CLOSE.signedOut, reason: 'expired' })
      else if (nowMs >= watched.beatAtMs) this.#beat(watched, nowMs)
    }
  }

  /** Sends everybody away, evenly over a time, and resolves when they have gone. */
  async drain(drainMs: number): Promise<void> {
    this.#isDraining = true
    const sessions = [...this.#watched.keys()]
    const stepMs = Math.min(drainMs / sessions.length, this.#engine.limits.drainStepMs)
    const startedAtMs = performance.now()
    for (const [i, session] of sessions.entries()) {
      const waitMs = startedAtMs + stepMs * i - performance.now()
      if (waitMs > 0) await delay(waitMs)
      this.#sendAway(session)
    }
    // Connections that were being made when the drain began.
    for (const session of [...this.#watched.keys()]) this.#sendAway(session)
  }

  close(): void {
    this.#isDraining = true
    clearInterval(this.#timer)
    for (const session of [...this.#watched.keys()]) session.close(CLOSE.goingAway)
  }

  #checkSessions(isMeant: (actor: PersonActor) => boolean) {
    this.#closeEndedSessions(isMeant).catch((error) => {
      this.#engine.log.warn({ err: error }, 'the sessions of open connections cannot be looked up')
    })
  }

  /** The log says when somebody signs out; nothing says when a session expires. */
  async #closeEndedSessions(isMeant: (actor: PersonActor) => boolean): Promise<void> {
    const signedIn = [...this.#watched.keys()].filter((session) => session.isSignedIn)
    const sessions = signedIn.filter((session) => isMeant(session.person.actor))
    for (let first = 0; first < sessions.length; first += SESSIONS_AT_ONCE) {
      const some = sessions.slice(first, first + SESSIONS_AT_ONCE)
      const ended = await findEnded(
        this.#engine.core,
        some.map((session) => session.person.actor),
      )
      for (const session of some) if (ended.has(session.person.actor)) session.close(CLOSE.signedOut)
    }
  }

  #sendAway(session: Session) {
    if (session.isClosed) return
    const afterMs = Math.round(Math.random() * this.#engine.limits.reconnectSpreadMs)
    const text = session.wire.skin.reconnect(afterMs)
    if (text !== null) session.say([text])
    session.close(CLOSE.drained)
  }

  #beat(watched: Watched, nowMs: number) {
    watched.beatAtMs = this.#nextBeat(nowMs)
    if (watched.ping === undefined) return
    if (watched.isHeard) {
      watched.isHeard = false
      watched.isAsked = false
    }
    if (watched.isAsked) return watched.session.close(CLOSE.noHeartbeat)
    watched.isAsked = true
    watched.ping()
  }

  /** Spread, so that clients that came together do not beat together. */
  #nextBeat(nowMs: number): number {
    return nowMs + this.#engine.limits.beatMs * (1 - BEAT_JITTER * Math.random())
  }
}
