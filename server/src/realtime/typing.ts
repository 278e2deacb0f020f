// Which contacts are typing where, on this node. It ends with a word, with the message, with the connection, or when it
// is not said again in time; whoever else is in the conversation is told of the beginning and of the end.

import type { ContactSummary } from '../core/contacts/schema.ts'
import type { LoggedEvent } from '../core/log/events.ts'
import type { Timestamp } from '../platform/clock.ts'
import type { ContactPassing } from './protocol.ts'

type Entry = {
  contact: ContactSummary
  streamId: string
  since: Timestamp
  /** Who said it last. */
  by: object
  toldAtMs: number
  ending: NodeJS.Timeout
}

export type TypingOptions = {
  /** How long it holds without being said again. */
  ttlMs: number
  /** How often it is told again while it goes on. */
  everyMs: number
  now(): Timestamp
  /** Milliseconds of a clock that never goes back. */
  nowMs?(): number
  announce(passing: ContactPassing, options: { exceptPersonId: string }): void
}

export class Typing {
  readonly #options: TypingOptions
  readonly #entries = new Map<string, Entry>()

  constructor(options: TypingOptions) {
    this.#options = options
  }

  /** A contact types; `by` is the connection that says so. */
  start(contact: ContactSummary, { streamId, by }: { streamId: string; by: object }): void {
    const known = this.#entries.get(keyOf(contact.id, streamId))
    if (known === undefined) this.#begin(contact, streamId, by)
    else this.#goOn(known, by)
  }
  /** Does nothing where the contact does not type. */
  stop(contactId: string, streamId: string): void {
    const entry = this.#entries.get(keyOf(contactId, streamId))
    if (entry === undefined) return
    clearTimeout(entry.ending)
    this.#entries.delete(keyOf(contactId, streamId))
    this.#announce('contact.silent', entry, this.#options.now())
  }

  /** A connection has ended. */
  stopAll(by: object): void {
    for (const entry of this.#entries.values()) if (entry.by === by) this.stop(entry.contact.id, entry.streamId)
  }

  /** Who has sent a message does not type any more. */
  apply(events: LoggedEvent[]): void {
    if (this.#entries.size === 0) return
    for (const event of events) {
      if (event.type === 'message.created') this.stop(event.data.message.authorId, event.streamId)
    }
  }

  close(): void {
    for (const { ending } of this.#entries.values()) clearTimeout(ending)
    this.#entries.clear()
  }

  #begin({ id, name }: ContactSummary, streamId: string, by: object) {
    const ending = this.#endIn(id, streamId)
    const since = this.#options.now()
    const entry = { contact: { id, name }, streamId, since, by, toldAtMs: this.#nowMs(), ending }
    this.#entries.set(keyOf(id, streamId), entry)
    this.#announce('contact.typing', entry, since)
  }

  #goOn(entry: Entry, by: object) {
    entry.by = by
    clearTimeout(entry.ending)
    entry.ending = this.#endIn(entry.contact.id, entry.streamId)
    const nowMs = this.#nowMs()
    if (nowMs - entry.toldAtMs < this.#options.everyMs) return
    entry.toldAtMs = nowMs
    this.#announce('contact.typing', entry, entry.since)
  }

  #endIn(contactId: string, streamId: string): NodeJS.Timeout {
    const ending = setTimeout(() => this.stop(contactId, streamId), this.#options.ttlMs)
    return ending.unref()
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now()
  }

  #announce(type: ContactPassing['type'], { contact, streamId }: Entry, at: Timestamp) {
    this.#options.announce({ type, streamId, contact, at }, { exceptPersonId: contact.id })
  }
}

function keyOf(contactId: string, streamId: string): string {
  return `${contactId} ${streamId}`
}
