import type { UserActor } from '../../core/actor.ts'
import { requireTeam } from '../../core/addresses/policy.ts'
import { getTended } from '../../core/contact-conversations/policy.ts'
import { type Context, createContext } from '../../core/context.ts'
import { AppError, invalidField } from '../../core/errors.ts'
import type { LoggedEvent } from '../../core/log/events.ts'
import { findUser } from '../../core/users/queries.ts'
import type { User } from '../../core/users/schema.ts'
import { isUuid } from '../../core/uuid.ts'
import { getDefaultWorkspaceId } from '../../core/workspaces/get-default-workspace.ts'
import type { Engine } from '../engine.ts'
import type { StreamRef } from '../membership-effects.ts'
import type { Answer, Me } from '../protocol.ts'
import type { Snapshot } from '../snapshot.ts'
import type { OwnOperation, Person, ReadSnapshot } from './person.ts'
import { readTeamSnapshot } from './team-snapshot.ts'

/** A user as one of the team that answers the contacts of a workspace: hears of all timelines, or of some. */
export class TeamPerson implements Person {
  readonly actor: UserActor
  readonly expiresAt = null
  readonly isWaiting = true
  readonly #engine: Engine
  readonly #named: string | null
  /** By conversation: its contact, whose changes are its changes. */
  readonly #watched = new Map<string, string>()
  #watchesAll = false
  #workspaceId: string | undefined
  #me: User | undefined

  constructor(engine: Engine, actor: UserActor, { named }: { named: string | null }) {
    this.actor = actor
    this.#engine = engine
    this.#named = named
  }

  readonly isHidden = ({ streamId }: LoggedEvent): boolean => {
    if (this.#watchesAll || this.#watched.has(streamId)) return false
    for (const contactId of this.#watched.values()) if (contactId === streamId) return false
    return true
  }

  async readSnapshot({ nowMs }: ReadSnapshot): Promise<Snapshot | undefined> {
    const { database } = this.#engine.core
    this.#workspaceId ??= await this.#findWorkspace()
    await requireTeam(this.#context(), this.#workspaceId)
    this.#me = await findUser(database.kysely, this.actor.id)
    if (this.#me === undefined) return undefined
    const { id: userId, sessionId } = this.actor
    return readTeamSnapshot(database, { userId, sessionId, workspaceId: this.#workspaceId, nowMs })
  }

  introduce(): Me {
    return { kind: 'user', user: this.#known() }
  }

  async getReadable(_streamId: string, param: string): Promise<StreamRef> {
    throw new AppError('conversation_not_found', param)
  }

  /** Only what the snapshot says; where that ends, the connection does. */
  mayFollow(): boolean {
    return false
  }

  async carryOut(operation: OwnOperation): Promise<Answer> {
    const { op } = operation
    if (op !== 'watch' && op !== 'unwatch') throw invalidField('action', 'is not an action of this socket')
    const { conversationId } = operation
    if (op === 'watch') await this.#watch(conversationId)
    else this.#unwatch(conversationId)
    return { op, conversationId }
  }

  appear(): void {
    this.#engine.presence.opened(this.actor.id, this.#known(), this.#streamsThatSee())
  }

  heard(): void {}

  disappear(): void {
    this.#engine.presence.closed(this.actor.id, this.#streamsThatSee())
  }

  async #watch(conversationId: string | null): Promise<void> {
    if (conversationId === null) {
      this.#watchesAll = true
      return
    }
    const { subscriptionsMax } = this.#engine.limits
    const isNew = !this.#watched.has(conversationId)
    if (isNew && this.#watched.size >= subscriptionsMax) throw new AppError('too_many_subscriptions', 'conversation_id')
    const { contactId } = await getTended(this.#context(), { workspaceId: this.#workspaceId!, conversationId })
    this.#watched.set(conversationId, contactId)
  }

  #unwatch(conversationId: string | null): void {
    if (conversationId !== null) this.#watched.delete(conversationId)
    else {
      this.#watchesAll = false
      this.#watched.clear()
    }
  }

  async #findWorkspace(): Promise<string> {
    if (this.#named === null) return getDefaultWorkspaceId(this.#context())
    if (!isUuid(this.#named)) throw invalidField('workspace_id', 'must be the id of a workspace')
    return this.#named
  }

  #streamsThatSee(): string[] {
    return this.#workspaceId === undefined ? [] : [this.#workspaceId]
  }

  #context(): Context<UserActor> {
    return createContext(this.#engine.core, this.actor)
  }

  #known(): User {
    if (this.#me === undefined) throw new Error('Nobody looked up yet who this is.')
    return this.#me
  }
}
