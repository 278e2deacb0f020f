import type { Place } from './cursor.ts'
import type { StreamRef } from './membership-effects.ts'
import type { StreamState } from './protocol.ts'

/** What a person follows, as it stands at one place of the log. */
export type Snapshot = {
  place: Place
  streams: (StreamState & StreamRef)[]
  hasMoreStreams: boolean
}

/** A stream that is followed, beside the newest event of the log at that moment; null where the log is empty. */
export type SnapshotRow = StreamState & StreamRef & { position: number | null; createdAt: string | null }

/** One row more than `streamsMax` says that there are more. */
export function toSnapshot(
  rows: SnapshotRow[],
  { streamsMax, nowMs }: { streamsMax: number; nowMs: number },
): Snapshot {
  const [first] = rows
  const place = first?.position ? { position: first.position, atMs: Date.parse(first.createdAt ?? '') } : undefined
  return {
    place: place ?? { position: 0, atMs: nowMs },
    streams: rows.slice(0, streamsMax).map(toStream),
    hasMoreStreams: rows.length > streamsMax,
  }
}

function toStream({ id, kind, workspaceId, head, read, unread, mentions }: SnapshotRow): StreamState & StreamRef {
  return { id, kind, workspaceId, head, read, unread, mentions }
}
