import type { UserActor } from '../../core/actor.ts'
import { type Context, createContext } from '../../core/context.ts'
import { markRead } from '../../core/conversations/mark-read.ts'
import { getReadable } from '../../core/conversations/policy.ts'
import { invalidField } from '../../core/errors.ts'
import { sendMessage } from '../../core/messages/send-message.ts'
import { findUser } from '../../core/users/queries.ts'
import type { User } from '../../core/users/schema.ts'
import type { Engine } from '../engine.ts'
import type { Follower } from '../hub.ts'
import type { StreamRef } from '../membership-effects.ts'
import type { Answer, Me } from '../protocol.ts'
import type { Snapshot } from '../snapshot.ts'
import type { OwnOperation, Person, ReadSnapshot } from './person.ts'
import { readUserSnapshot } from './user-snapshot.ts'

/** A user: follows workspaces and conversations, and is seen there. */
export class UserPerson implements Person {
  readonly actor: UserActor
  readonly expiresAt = null
  readonly isHidden = null
  readonly isWaiting = false
  readonly #engine: Engine
  readonly #connection: Follower
  #me: User | undefined
  #typed: { conversationId: string; atMs: number } | undefined

  constructor(engine: Engine, actor: UserActor, connection: Follower) {
    this.actor = actor
    this.#engine = engine
    this.#connection = connection
  }

  async readSnapshot(input: ReadSnapshot): Promise<Snapshot | undefined> {
    const { database } = this.#engine.core
    const { id: userId, sessionId } = this.actor
    const snapshot = await readUserSnapshot(database, { ...input, userId, sessionId })
    this.#me = await findUser(database.kysely, userId)
    return this.#me === undefined ? undefined : snapshot
  }

  introduce(): Me {
    return { kind: 'user', user: this.#known() }
  }

  async getReadable(streamId: string, param: string): Promise<StreamRef> {
    const { conversation } = await getReadable(this.#context(), streamId, param)
    return { id: streamId, kind: 'conversation', workspaceId: conversation.workspaceId }
  }

  mayFollow(): boolean {
    return true
  }

  async carryOut(operation: OwnOperation): Promise<Answer> {
    const ctx = this.#context()
    switch (operation.op) {
      case 'send': {
        await ctx.ports.limits.consume('sends', ctx.actor.id)
        const { message, isRepeat } = await sendMessage(ctx, operation.message)
        return { op: 'send', message, isRepeat }
      }
      case 'read': {
        const { conversationId, readOrdinal, unreadCount } = await markRead(ctx, operation)
        return { op: 'read', conversationId, read: readOrdinal, unread: unreadCount }
      }
      case 'typing':
        return this.#tellTyping(operation.conversationId)
      case 'stopTyping':
      case 'watch':
      case 'unwatch':
        throw invalidField('op', 'is not an operation of users')
    }
  }

  appear(): void {
    this.#engine.presence.opened(this.actor.id, this.#known(), this.#streamsThatSee())
  }

  heard(): void {}

  disappear(): void {
    this.#engine.presence.closed(this.actor.id, this.#streamsThatSee())
  }

  #context(): Context<UserActor> {
    return createContext(this.#engine.core, this.actor)
  }

  #known(): User {
    if (this.#me === undefined) throw new Error('Nobody looked up yet who this is.')
    return this.#me
  }

  async #tellTyping(conversationId: string): Promise<Answer> {
    const { hub, limits } = this.#engine
    await this.getReadable(conversationId, 'conversation_id')
    if (!this.#mayTellTyping(conversationId)) return { op: 'typing', conversationId }
    const userId = this.actor.id
    const passing = { type: 'typing' as const, streamId: conversationId, userId, ttlMs: limits.typingTtlMs }
    hub.announce(passing, { exceptPersonId: userId })
    return { op: 'typing', conversationId }
  }

  /** Whether others have not just been told that this client types there. */
  #mayTellTyping(conversationId: string): boolean {
    const nowMs = performance.now()
    const { typingEveryMs } = this.#engine.limits
    if (this.#typed?.conversationId === conversationId && nowMs - this.#typed.atMs < typingEveryMs) return false
    this.#typed = { conversationId, atMs: nowMs }
    return true
  }

  /** A guest follows no workspace: then it is the conversations. */
  #streamsThatSee(): string[] {
    const streams = [...this.#connection.streams.values()]
    const workspaces = streams.filter((stream) => stream.kind === 'workspace')
    const seeing = workspaces.length > 0 ? workspaces : streams.filter((stream) => stream.kind === 'conversation')
    return seeing.map((stream) => stream.id)
  }
}
