// Who may do what in which conversation, remembered so that a send costs no query. Ownership: one per node, made
// by runtime.ts, which feeds it every committed event before the caller hears of the change. A load that was under
// way when something was forgotten is used by those who wait for it already, and not kept.

import { LRUCache } from 'lru-cache'
import type { LoggedEvent } from '../log/events.ts'
import type { Role } from '../workspaces/schema.ts'
import type { Conversation } from './schema.ts'

/** One person's standing in one conversation. */
export type Access = {
  conversation: Conversation
  /** The role in the conversation's workspace; null outside it, and for direct and group conversations. */
  role: Role | null
  isParticipant: boolean
  /** The other people of a direct or group conversation; empty for other kinds. */
  otherUserIds: string[]
  /** False in a direct conversation of two who share no workspace any more: it can only be read. */
  isOpen: boolean
}

type Load = (userId: string, conversationId: string) => Promise<Access | undefined>

export class AccessCache {
  readonly #load: Load
  readonly #conversations: LRUCache<string, Map<string, Access>>
  /** Those under way, so that many who ask for the same at once cost one query. */
  readonly #loading = new Map<string, { generation: number; access: Promise<Access | undefined> }>()
  #generation = 0

  constructor(options: { load: Load; conversationsMax: number }) {
    this.#load = options.load
    this.#conversations = new LRUCache({ max: options.conversationsMax })
  }

  /** Undefined where there is no such conversation. Says nothing yet of whether the person may see it. */
  async find(userId: string, id: string): Promise<Access | undefined> {
    // Events name the conversation in lower case, however a caller writes it.
    const conversationId = id.toLowerCase()
    const known = this.#conversations.get(conversationId)?.get(userId)
    if (known !== undefined) return known
    const key = `${conversationId} ${userId}`
    const loading = this.#loading.get(key)
    if (loading?.generation === this.#generation) return loading.access
    const access = this.#loadAndKeep(userId, conversationId)
    const started = { generation: this.#generation, access }
    this.#loading.set(key, started)
    try {
      return await access
    } finally {
      if (this.#loading.get(key) === started) this.#loading.delete(key)
    }
  }

  /** Forgets what the events may have changed. */
  apply(events: LoggedEvent[]): void {
    for (const event of events) {
      const forgotten = affectedConversation(event)
      if (forgotten === undefined) continue
      this.#generation++
      if (forgotten === 'all') this.#conversations.clear()
      else this.#conversations.delete(forgotten)
    }
  }

  async #loadAndKeep(userId: string, conversationId: string): Promise<Access | undefined> {
    const generation = this.#generation
    const access = await this.#load(userId, conversationId)
    if (access !== undefined && generation === this.#generation) this.#keep(userId, access)
    return access
  }

  // Under the id as events write it: a caller may have written it with capital letters.
  #keep(userId: string, access: Access) {
    const { id: conversationId } = access.conversation
    const people = this.#conversations.get(conversationId)
    if (people === undefined) this.#conversations.set(conversationId, new Map([[userId, access]]))
    else people.set(userId, access)
  }
}

function affectedConversation(event: LoggedEvent): string | 'all' | undefined {
  switch (event.type) {
    case 'conversation.created':
    case 'conversation.updated':
    case 'conversation.deleted':
      return event.data.conversation.id
    case 'participant.joined':
      return event.data.participant.conversationId
    case 'participant.left':
      return event.data.conversationId
    // A member's role or a workspace counts in many conversations, and changes seldom.
    case 'member.joined':
    case 'member.updated':
    case 'member.left':
    case 'workspace.deleted':
      return 'all'
    default:
      return undefined
  }
}
