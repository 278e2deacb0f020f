import type { ContactActor } from '../../core/actor.ts'
import { findOwnConversationIds } from '../../core/contact-tokens/queries.ts'
import { findContact } from '../../core/contacts/queries.ts'
import type { Contact } from '../../core/contacts/schema.ts'
import { AppError, invalidField } from '../../core/errors.ts'
import type { LoggedEvent } from '../../core/log/events.ts'
import type { Timestamp } from '../../platform/clock.ts'
import type { Engine } from '../engine.ts'
import type { Follower } from '../hub.ts'
import type { StreamRef } from '../membership-effects.ts'
import type { Answer, Me } from '../protocol.ts'
import type { Snapshot } from '../snapshot.ts'
import { RoutedPassing } from '../wire.ts'
import { readContactSnapshot } from './contact-snapshot.ts'
import type { OwnOperation, Person, ReadSnapshot } from './person.ts'

/** A contact with a token: follows conversations, as far as the token opens them, and is seen there. */
export class ContactPerson implements Person {
  readonly actor: ContactActor
  readonly expiresAt: Timestamp
  readonly isHidden: ((event: LoggedEvent) => boolean) | null
  readonly isWaiting = false
  readonly #engine: Engine
  readonly #connection: Follower
  readonly #opened: Set<string> | null
  /** The conversations in which this connection is seen. */
  readonly #seenIn = new Set<string>()
  #me: Contact | undefined
  #isPresent = false

  constructor(engine: Engine, actor: ContactActor, connection: Follower) {
    this.actor = actor
    this.expiresAt = actor.expiresAt
    this.#engine = engine
    this.#connection = connection
    this.#opened = actor.conversationIds && new Set(actor.conversationIds)
    this.isHidden = this.#opened && ((event) => !this.#maySee(event))
  }

  async readSnapshot(input: ReadSnapshot): Promise<Snapshot | undefined> {
    const { core } = this.#engine
    const { actor } = this
    // Asked once more now that `client.updated` would find this connection: so a revocation is not missed in between.
    if (!(await core.ports.contactClients.isActive(actor.clientId))) return undefined
    const snapshot = await readContactSnapshot(core.database, { ...input, actor })
    this.#me = await findContact(core.database.kysely, { contactId: actor.id, workspaceId: actor.workspaceId })
    return this.#me === undefined ? undefined : snapshot
  }

  introduce(): Me {
    const contact = this.#known()
    const online = this.#conversations().map(
      (id) => [id, this.#engine.contactPresence.othersIn(id, contact.id)] as const,
    )
    return { kind: 'contact', contact, online: new Map(online) }
  }

  async getReadable(streamId: string, param: string): Promise<StreamRef> {
    const { id: contactId, workspaceId } = this.actor
    const ref: StreamRef = { id: streamId, kind: 'conversation', workspaceId }
    if (this.#connection.streams.get(streamId)?.kind === 'conversation') return ref
    if (this.mayFollow(streamId)) {
      const wanted = { contactId, workspaceId, conversationIds: [streamId] }
      const own = await findOwnConversationIds(this.#engine.core.database.kysely, wanted)
      if (own.has(streamId)) return ref
    }
    throw new AppError('conversation_not_found', param)
  }

  mayFollow(streamId: string): boolean {
    return this.#opened === null || this.#opened.has(streamId)
  }

  async carryOut(operation: OwnOperation): Promise<Answer> {
    const { typing } = this.#engine
    switch (operation.op) {
      case 'typing': {
        const { op, conversationId } = operation
        await this.getReadable(conversationId, 'conversation_id')
        // The connection may have ended meanwhile, and its typing with it.
        if (this.#isPresent) typing.start(this.#known(), { streamId: conversationId, by: this })
        return { op, conversationId }
      }
      case 'stopTyping': {
        const { op, conversationId } = operation
        await this.getReadable(conversationId, 'conversation_id')
        typing.stop(this.actor.id, conversationId)
        return { op, conversationId }
      }
      default:
        throw invalidField('op', 'is not an operation of contacts')
    }
  }

  appear(): void {
    this.#isPresent = true
    for (const streamId of this.#conversations()) this.#enter(streamId)
  }

  heard(event: LoggedEvent): void {
    if (event.streamId !== this.actor.id || !this.#isPresent) return
    if (event.type === 'contact.updated') this.#rename(event.data.contact)
    if (event.type !== 'contact.joined' || !this.#connection.streams.has(event.data.conversation.id)) return
    const { id } = event.data.conversation
    this.#enter(id)
    // `ready` could not tell who is there.
    for (const passing of this.#engine.contactPresence.othersOnline(id, this.actor.id)) {
      this.#connection.pass(new RoutedPassing(passing))
    }
  }

  disappear(): void {
    this.#isPresent = false
    this.#engine.typing.stopAll(this)
    this.#engine.contactPresence.leave(this.actor.id, [...this.#seenIn])
    this.#seenIn.clear()
  }

  #maySee(event: LoggedEvent): boolean {
    return event.type !== 'contact.joined' || this.mayFollow(event.data.conversation.id)
  }

  #rename(contact: Contact): void {
    this.#me = contact
    this.#engine.contactPresence.rename(contact, this.#seenIn)
  }

  #enter(streamId: string): void {
    if (this.#seenIn.has(streamId)) return
    this.#seenIn.add(streamId)
    this.#engine.contactPresence.enter(this.#known(), streamId)
  }

  #conversations(): string[] {
    const streams = [...this.#connection.streams.values()]
    return streams.filter((stream) => stream.kind === 'conversation').map((stream) => stream.id)
  }

  #known(): Contact {
    if (this.#me === undefined) throw new Error('Nobody looked up yet who this is.')
    return this.#me
  }
}
