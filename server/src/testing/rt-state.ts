export type RtEvent = { t: string; s: string; q: number; c?: string; at: string; d: Record<string, unknown> }

export type RtMessage = { id: string; conversation_id: string; body: string; ordinal: number; [field: string]: unknown }

/** What a client knows of the world, made of nothing but events of rt.v1. */
export class RtState {
  /** By conversation, then by id. */
  readonly messages = new Map<string, Map<string, RtMessage>>()
  readonly reactions = new Map<string, Record<string, unknown>>()
  readonly participants = new Map<string, Set<string>>()
  /** All events that were applied, as `<stream> <q>`, in order. */
  readonly applied: string[] = []

  apply({ t, s, q, d }: RtEvent): void {
    this.applied.push(`${s} ${q}`)
    if (t.startsWith('message.')) this.#applyMessage(t, d.message as RtMessage)
    if (t.startsWith('reaction.')) this.#applyReaction(t, d)
    if (t === 'participant.joined') {
      const { conversation_id, user_id } = d.participant as { conversation_id: string; user_id: string }
      getOrMake(this.participants, conversation_id, () => new Set()).add(user_id)
    }
    if (t === 'participant.left') this.participants.get(s)?.delete(d.user_id as string)
  }

  /** Forgets a conversation that can no longer be seen. */
  forget(conversationId: string): void {
    this.messages.delete(conversationId)
    this.participants.delete(conversationId)
  }

  messagesOf(conversationId: string): RtMessage[] {
    const messages = [...(this.messages.get(conversationId)?.values() ?? [])]
    return messages.sort((a, b) => a.ordinal - b.ordinal)
  }

  #applyMessage(type: string, message: RtMessage) {
    const messages = getOrMake(this.messages, message.conversation_id, () => new Map<string, RtMessage>())
    messages.set(message.id, { ...message })
    const root = messages.get(String(message.root_id))
    if (type !== 'message.created' || root === undefined) return
    root.reply_count = Number(root.reply_count) + 1
    root.last_reply_at = [String(root.last_reply_at ?? ''), String(message.created_at)].sort().at(-1)
  }

  #applyReaction(type: string, d: Record<string, unknown>) {
    const reaction = d.reaction as { id: string; message_id: string }
    const isAdded = type === 'reaction.added'
    if (isAdded) this.reactions.set(reaction.id, reaction)
    else this.reactions.delete(reaction.id)
    const message = this.messages.get(String(d.conversation_id))?.get(reaction.message_id)
    if (message !== undefined) message.reaction_count = Number(message.reaction_count) + (isAdded ? 1 : -1)
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
