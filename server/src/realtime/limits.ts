import { EVENTS_KEPT_MS } from '../core/log/trim-events.ts'

// Events near the end of their time may be removed while somebody asks for them, and clocks differ.
const KEPT_MARGIN_MS = 600_000

/** How much of everything; a socket that wants more is told so, or resumes. */
export const REALTIME_LIMITS = {
  /** Open connections of this node; one more is answered 503 before the upgrade. */
  connectionsMax: 20_000,
  /** Connections that are not ready yet. */
  connectingMax: 1_000,
  connectionsPerUserMax: 50,
  /** Snapshots and replays that may run in the database at once. */
  snapshotsMax: 6,
  /** How long a connection may take to say who it is. */
  authTimeoutMs: 5_000,
  /** A connection that is silent this long is asked whether it lives; after another such time it is closed. */
  beatMs: 30_000,
  /** The largest frame from a client: a message of 40,000 characters fits however its JSON is escaped. */
  frameBytesMax: 262_144,
  framesPerSecond: 50,
  framesBurst: 200,
  /** Requests of one connection that may wait for the ones before. */
  operationsWaitingMax: 64,
  /** Streams that one connection follows because of memberships. */
  streamsMax: 10_000,
  /** Streams that one connection follows by `sub`. */
  subscriptionsMax: 200,
  /** Bytes that may wait for a reader; with more it is caught up from the log when it has read them. */
  queueBytesMax: 1_048_576,
  /** Bytes that may wait before typing and presence are left out. */
  passingBytesMax: 65_536,
  /** How long a reader may take to read what waits for it. */
  stallMsMax: 30_000,
  /** Events that are replayed to who resumes. */
  replayEventsMax: 1_000,
  /** Positions of the log that one replay may look through. */
  replayWindowMax: 100_000,
  /** The age of the oldest cursor that is replayed from. */
  replayAgeMsMax: EVENTS_KEPT_MS - KEPT_MARGIN_MS,
  /** Events and bytes kept in memory for who is a little behind. */
  recentEventsMax: 16_384,
  recentBytesMax: 33_554_432,
  /** How long somebody without a socket is still online. */
  presenceGraceMs: 5_000,
  /** How long changes of presence gather before they are told. */
  presenceGatherMs: 200,
  /** Followers of a stream up to which presence is told to them. */
  presenceFollowersMax: 2_000,
  typingTtlMs: 6_000,
  /** How often one connection's typing in one conversation is told. */
  typingEveryMs: 1_000,
  /** How often sessions of open connections are looked up, for those that expired without a word. */
  sessionCheckMs: 60_000,
  /** How long a drain takes at most and for each connection, and over what time who was sent away comes back. */
  drainMs: 30_000,
  drainStepMs: 5,
  reconnectSpreadMs: 2_000,
  /** The longest wait of a long poll. */
  pollWaitMsMax: 55_000,
}

export type RealtimeLimits = typeof REALTIME_LIMITS
