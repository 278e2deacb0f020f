import type { Contact, ContactSummary } from '../core/contacts/schema.ts'
import type { ErrorCode, FieldProblems } from '../core/errors.ts'
import type { LoggedEvent } from '../core/log/events.ts'
import type { Message } from '../core/messages/schema.ts'
import type { SendMessage } from '../core/messages/send-message.ts'
import type { User, UserStatus } from '../core/users/schema.ts'
import type { Timestamp } from '../platform/clock.ts'
import type { FollowedKind } from './membership-effects.ts'

// What the engine and its clients say to each other, in the domain's words. Skins turn it into frames.

export const PROTOCOL = 'rt.v1'

/** Events of one page. */
export const PAGE_EVENTS_MAX = 200

export const CLOSE = {
  goingAway: { code: 1001, reason: 'the server goes away: resume' },
  restart: { code: 1012, reason: 'the server cannot go on with this connection: resume' },
  malformed: { code: 4400, reason: 'a frame that cannot be understood' },
  signedOut: { code: 4401, reason: 'not signed in' },
  forbidden: { code: 4403, reason: 'not allowed' },
  tooSlow: { code: 4408, reason: 'too slow to read: resume' },
  noHeartbeat: { code: 4409, reason: 'no heartbeat: resume' },
  drained: { code: 4410, reason: 'drained: resume' },
  tooLarge: { code: 4413, reason: 'a frame that is too large' },
  unknownVersion: { code: 4426, reason: 'an unknown protocol version' },
  tooMany: { code: 4429, reason: 'too many frames or connections: wait, then resume' },
} as const

/** Why a connection ends: a code that says what the client should do, and a reason for its log. */
export type Close = { code: (typeof CLOSE)[keyof typeof CLOSE]['code']; reason: string }

/** A stream as `ready` shows it. The counts are of conversations; 0 for other streams. */
export type StreamState = {
  id: string
  kind: FollowedKind
  workspaceId: string | null
  /** The seq of its newest event. */
  head: number
  /** The ordinal up to which the person has read. */
  read: number
  unread: number
  mentions: number
}

/** Who has signed in, as `ready` shows them. */
export type Me =
  | { kind: 'user'; user: User }
  /** With who else is online in each of the contact's conversations. */
  | { kind: 'contact'; contact: Contact; online: ReadonlyMap<string, ContactSummary[]> }

export type Ready = {
  sessionId: string
  me: Me
  cursor: string
  /** Everything after the client's cursor follows. */
  resumed: boolean
  streams: StreamState[]
  /** There are more streams than the limit: the rest can be followed by `sub`. */
  hasMoreStreams: boolean
  /** The streams that moved since the client's cursor and are not replayed. */
  gap: string[] | null
}

/** What passes and is never logged. */
export type Passing =
  | { type: 'typing'; streamId: string; userId: string; ttlMs: number }
  | { type: 'presence'; streamId: string; userId: string; status: UserStatus }
  | ContactPassing

/** `at` is since when; of what has ended, when it did. */
export type ContactPassing = {
  type: 'contact.online' | 'contact.offline' | 'contact.typing' | 'contact.silent'
  streamId: string
  contact: ContactSummary
  at: Timestamp
}

/** Something in a stream that one client may not know of: only that the stream went on. */
export type HiddenEvent = Pick<LoggedEvent, 'streamId' | 'seq' | 'position' | 'createdAt'> & { type: 'hidden' }

/** An event as a client gets it. */
export type Step = LoggedEvent | HiddenEvent

/** What a client asks for. */
export type Operation =
  | { op: 'auth'; token: string | null; ticket: string | null; cursor: string | null }
  | { op: 'sub'; streamId: string; after: number | null }
  | { op: 'unsub'; streamId: string }
  | { op: 'send'; message: SendMessage }
  | { op: 'read'; conversationId: string; ordinal: number | null; messageId: string | null }
  | { op: 'typing' | 'stopTyping'; conversationId: string }
  | { op: 'page'; streamId: string; after: number; limit: number }
  /** Of the timelines that it follows it wants one, or all, from now on; or no longer. */
  | { op: 'watch' | 'unwatch'; conversationId: string | null }
  | { op: 'beat' }

export type Answer =
  | { op: 'sub'; streamId: string; head: number; isGap: boolean }
  | { op: 'unsub'; streamId: string }
  | { op: 'send'; message: Message; isRepeat: boolean }
  | { op: 'read'; conversationId: string; read: number; unread: number }
  | { op: 'typing' | 'stopTyping'; conversationId: string }
  | ({ op: 'page' } & Page)
  | { op: 'watch' | 'unwatch'; conversationId: string | null }
  | { op: 'beat'; cursor: string }

/** `isOwn`: of the person's own stream. */
export type Page = {
  streamId: string
  isOwn: boolean
  events: Step[]
  head: number
  hasMore: boolean
  isGap: boolean
}

export type RequestId = string | number

export type Refusal = {
  code: ErrorCode
  message: string
  /** The one field that is wrong, where no list of them is given. */
  param: string | null
  fields: FieldProblems | null
  /** Whether the same request may succeed later. */
  isRetryable: boolean
  afterMs: number | null
}

/** Makes the frames of an event, with the cursor in the last of them. */
export type Render = (cursor: string) => string[]

/** How one dialect's frames look. Pure: texts in, texts out. */
export type Skin = {
  /** The WebSocket subprotocol that it is known by, if any. */
  subprotocol: string | null
  /** Who signs in on its connections; `team`: users who follow the timelines of one workspace. */
  people: Me['kind'] | 'team'
  /** For people whose data are a test's, where the dialect tells. */
  test?: Skin
  hello(hello: { nodeId: string; beatMs: number }): string
  ready(ready: Ready, re: RequestId | null): string
  /** The frames of one event, none where the dialect does not show it. Without a cursor: not a step of the log. */
  event(event: Step, cursor: string | null): string[]
  /**
   * For dialects whose frames need more than the event: reads that for several events at once, and gives for each how its
   * frames are made, instead of `event`.
   */
  prepare?(events: LoggedEvent[]): Promise<Render[]>
  passing(passing: Passing): string | null
  reconnect(afterMs: number): string | null
  answer(answer: Answer, re: RequestId | null): string | null
  refusal(refusal: Refusal, re: RequestId | null): string
  /** The id of a request, null where it has none. */
  requestId(frame: Record<string, unknown>): RequestId | null
  /** Undefined where the frame names no operation at all; throws `invalid_request` for fields that are wrong. */
  parse(frame: Record<string, unknown>): Operation | undefined
}

/** For the skins of users, on whose connections nobody else signs in. */
export function userOf(me: Me): User {
  if (me.kind !== 'user') throw new Error('Only users sign in here.')
  return me.user
}
