import type { RtEvent } from '../../server/src/testing/rt-state.ts'

/** A message as everybody sees it. */
export type SeenMessage = {
  id: string
  author: string
  body: string
  root: string | null
  replies: number
  lastReplyAt: string | null
  reactionCount: number
  /** `<id> <user> <content>`, sorted. */
  reactions: string[]
  mentions: string[]
  clientId: string | null
  ordinal: number
  revision: number
  createdAt: string
  updatedAt: string
  editedAt: string | null
  deletedAt: string | null
}

type WireMessage = {
  id: string
  author_id: string
  body: string
  root_id: string | null
  reply_count: number
  last_reply_at: string | null
  reaction_count: number
  mentions: { kind: string; user_id?: string }[]
  client_id: string | null
  ordinal: number
  revision: number
  created_at: string
  updated_at: string
  edited_at: string | null
  deleted_at: string | null
}

type WireReaction = { id: string; message_id: string; user_id: string; content: string }

/** What a client made of the events of one conversation. */
export class SeenConversation {
  readonly #messages = new Map<string, SeenMessage>()
  /** Who is in it, since when, and which message was the newest then. */
  readonly #people = new Map<string, { joinedAt: string; ordinal: number }>()
  #newest = 0

  apply({ t, d }: RtEvent): void {
    if (t.startsWith('message.')) this.#putMessage(t, d.message as WireMessage)
    if (t.startsWith('reaction.')) this.#putReaction(t === 'reaction.added', d.reaction as WireReaction)
    if (t === 'participant.left') this.#people.delete(String(d.user_id))
    if (t !== 'participant.joined') return
    const { user_id, joined_at } = d.participant as { user_id: string; joined_at: string }
    this.#people.set(user_id, { joinedAt: joined_at, ordinal: this.#newest })
  }

  messages(): SeenMessage[] {
    return [...this.#messages.values()].sort((a, b) => a.ordinal - b.ordinal)
  }

  people(): Record<string, string> {
    return Object.fromEntries([...this.#people].sort().map(([id, { joinedAt }]) => [id, joinedAt]))
  }

  /** What others wrote after a person had come in and had read up to an ordinal. */
  unreadOf(userId: string, read: number): number {
    const from = Math.max(read, this.#people.get(userId)?.ordinal ?? 0)
    const isUnread = (one: SeenMessage) => one.ordinal > from && one.author !== userId && one.deletedAt === null
    return this.messages().filter(isUnread).length
  }

  #putMessage(type: string, wire: WireMessage) {
    const reactions = type === 'message.updated' ? (this.#messages.get(wire.id)?.reactions ?? []) : []
    const message = toSeenMessage(wire, reactions)
    this.#messages.set(message.id, message)
    this.#newest = Math.max(this.#newest, message.ordinal)
    const root = this.#messages.get(String(message.root))
    if (type !== 'message.created' || root === undefined) return
    root.replies++
    if (root.lastReplyAt === null || root.lastReplyAt < message.createdAt) root.lastReplyAt = message.createdAt
  }

  #putReaction(isAdded: boolean, { id, message_id, user_id, content }: WireReaction) {
    const message = this.#messages.get(message_id)
    if (message === undefined) return
    const others = message.reactions.filter((one) => !one.startsWith(id))
    message.reactions = isAdded ? [...others, `${id} ${user_id} ${content}`].sort() : others
    message.reactionCount += isAdded ? 1 : -1
  }
}

function toSeenMessage(wire: WireMessage, reactions: string[]): SeenMessage {
  return {
    id: wire.id,
    author: wire.author_id,
    body: wire.body,
    root: wire.root_id,
    replies: wire.reply_count,
    lastReplyAt: wire.last_reply_at,
    reactionCount: wire.reaction_count,
    reactions,
    mentions: wire.mentions.map((one) => one.user_id ?? one.kind),
    clientId: wire.client_id,
    ordinal: wire.ordinal,
    revision: wire.revision,
    createdAt: wire.created_at,
    updatedAt: wire.updated_at,
    editedAt: wire.edited_at,
    deletedAt: wire.deleted_at,
  }
}
