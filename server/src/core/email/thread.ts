const LIST_MAX = 50
const SENT_REFERENCES_MAX = 20
/** RFC 5322 ends a line here; an id that is longer fits into no header. */
const ID_CHARACTERS_MAX = 998

/** What an email says about the ones before it. All ids without brackets. */
export type Answering = {
  inReplyTo: string | null
  /** Oldest first. */
  references: readonly string[]
}

/** The Message-ID of the email that carries a delivery, without brackets: a repeat has the same one. */
export function makeMessageId(deliveryId: string, domain: string): string {
  return `${deliveryId}@${domain}`
}

/** The delivery that an email of ours carried, by its Message-ID; undefined where it is not ours. */
export function deliveryIdOf(messageId: string, domain: string): string | undefined {
  const at = messageId.lastIndexOf('@')
  if (at <= 0 || messageId.slice(at + 1).toLowerCase() !== domain.toLowerCase()) return undefined
  return messageId.slice(0, at)
}

/** The Message-IDs in a header such as References, in its order and without brackets; at most 50, the newest. */
export function parseMessageIds(header: string): string[] {
  // Some programs leave the brackets out, others put commas between the ids.
  const ids = header.split(/[\s,<>]+/).filter((id) => id !== '' && id.length <= ID_CHARACTERS_MAX && !id.includes('\0'))
  return ids.slice(-LIST_MAX)
}

/**
 * The Message-IDs that an email may be an answer to, nearest first: what it names in In-Reply-To, then its References from
 * the newest to the oldest. At most 50.
 */
export function listAnswered({ inReplyTo, references }: Answering): string[] {
  const ids = inReplyTo === null ? [] : [inReplyTo]
  return [...new Set([...ids, ...references.toReversed()])].slice(0, LIST_MAX)
}

/** Which of the messages that we know an email answers: the nearest one. */
export function findAnswered<T>(email: Answering, known: ReadonlyMap<string, T>): T | undefined {
  for (const id of listAnswered(email)) {
    const message = known.get(id)
    if (message !== undefined) return message
  }
  return undefined
}

/**
 * The References of an answer to this email, oldest first. Of a long thread the first and the newest are kept, as RFC 5322 and
 * most mail programs do, so that a header stays bounded.
 */
export function referencesOfAnswer(email: Answering & { messageId: string }): string[] {
  // RFC 5322, 3.6.4: an email without References counts with its In-Reply-To.
  const before = email.references.length > 0 || email.inReplyTo === null ? email.references : [email.inReplyTo]
  const ids = [...new Set([...before, email.messageId])]
  if (ids.length <= SENT_REFERENCES_MAX) return ids
  return [ids[0]!, ...ids.slice(1 - SENT_REFERENCES_MAX)]
}
