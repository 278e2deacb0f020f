/** A moment as ISO 8601 in UTC with milliseconds, for example `2026-01-31T09:30:00.000Z`. Sorts as text. */
export type Timestamp = string

export type Clock = () => Timestamp

/** The computer's clock. Within one millisecond it gives the same text, which is then made once. */
export function createSystemClock(): Clock {
  let lastMs = 0
  let last: Timestamp = ''
  return () => {
    const ms = Date.now()
    if (ms !== lastMs) {
      lastMs = ms
      last = new Date(ms).toISOString()
    }
    return last
  }
}

export function addMs(at: Timestamp, ms: number): Timestamp {
  return new Date(Date.parse(at) + ms).toISOString()
}
