import type { Timestamp } from '../../platform/clock.ts'

/** The lists that are ordered by activity: whose they are, what stands in them, and what moves it up. */
export type ActivityKind =
  /** A workspace's or a contact's conversations; with each message, from their beginning on. */
  | 'conversations'
  /** A workspace's contacts that sent messages; with each message that they send. */
  | 'senders'
  /** The contacts that share a conversation with a contact; with each message in one of those. */
  | 'peers'
  /** The contacts that exchanged messages with a contact; with each message of either that the other can read. */
  | 'correspondents'

/** Something in such a list, as of its latest activity. */
export type Active = { itemId: string; position: number; activeAt: Timestamp }

/** Which list. */
export type ActivityList = { kind: ActivityKind; ownerId: string }
