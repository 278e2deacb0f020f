// Which contacts have an open connection on this node, and in which conversations they are seen with it: a token may
// open some only. Who has gone stays for a short grace, so that a reload does not flicker. The others in a conversation
// are told at once: they are few. What is told is never logged.

import type { ContactSummary } from '../core/contacts/schema.ts'
import type { Timestamp } from '../platform/clock.ts'
import type { ContactPassing } from './protocol.ts'

type Seen = {
  contact: ContactSummary
  connections: number
  since: Timestamp
  /** The leaving that will end it, unless the contact comes back. */
  leaving: symbol | undefined
}

export type ContactPresenceOptions = {
  graceMs: number
  now(): Timestamp
  announce(passing: ContactPassing, options: { exceptPersonId: string }): void
}

export class ContactPresence {
  readonly #options: ContactPresenceOptions
  /** By conversation, then by contact. */
  readonly #conversations = new Map<string, Map<string, Seen>>()
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(options: ContactPresenceOptions) {
    this.#options = options
  }

  /** A connection of the contact sees the conversation from now on. */
  enter({ id, name }: ContactSummary, streamId: string): void {
    const people = this.#conversations.get(streamId) ?? new Map<string, Seen>()
    this.#conversations.set(streamId, people)
    const known = people.get(id)
    const since = known?.since ?? this.#options.now()
    const connections = (known?.connections ?? 0) + 1
    const seen = { contact: { id, name }, connections, since, leaving: undefined }
    people.set(id, seen)
    if (known === undefined) this.#announce('contact.online', { streamId, contact: seen.contact, at: since })
  }

  /** One connection of the contact, which saw these conversations, has ended. */
  leave(contactId: string, streamIds: string[]): void {
    const leaving = Symbol(contactId)
    let isLast = false
    for (const streamId of streamIds) {
      const seen = this.#conversations.get(streamId)?.get(contactId)
      if (seen === undefined || --seen.connections > 0) continue
      seen.leaving = leaving
      isLast = true
    }
    if (isLast) this.#after(this.#options.graceMs, () => this.#left(contactId, { streamIds, leaving }))
  }

  /** The others that are online in a conversation. */
  othersIn(streamId: string, contactId: string): ContactSummary[] {
    return this.othersOnline(streamId, contactId).map(({ contact }) => contact)
  }

  /** The same as what was told of them. */
  othersOnline(streamId: string, contactId: string): ContactPassing[] {
    const people = [...(this.#conversations.get(streamId)?.values() ?? [])]
    const others = people.filter(({ contact }) => contact.id !== contactId)
    return others.map(({ contact, since }) => ({ type: 'contact.online', streamId, contact, at: since }))
  }

  /** The contact has another name now. */
  rename({ id, name }: ContactSummary, streamIds: Iterable<string>): void {
    for (const streamId of streamIds) {
      const seen = this.#conversations.get(streamId)?.get(id)
      if (seen !== undefined) seen.contact = { id, name }
    }
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#conversations.clear()
  }

  #left(contactId: string, { streamIds, leaving }: { streamIds: string[]; leaving: symbol }) {
    for (const streamId of streamIds) {
      const people = this.#conversations.get(streamId)
      const seen = people?.get(contactId)
      if (people === undefined || seen?.leaving !== leaving) continue
      people.delete(contactId)
      if (people.size === 0) this.#conversations.delete(streamId)
      this.#announce('contact.offline', { streamId, contact: seen.contact, at: this.#options.now() })
    }
  }

  #announce(type: ContactPassing['type'], what: Omit<ContactPassing, 'type'>) {
    this.#options.announce({ type, ...what }, { exceptPersonId: what.contact.id })
  }

  #after(ms: number, work: () => void) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    timer.unref()
    this.#timers.add(timer)
  }
}
