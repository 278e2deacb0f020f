/** A moment as ISO 8601 in UTC with milliseconds, for example `2026-01-31T09:30:00.000Z`. Sorts as text. */
export type Timestamp = string

export type Clock = () => Timestamp

export const systemClock: Clock = () => new Date().toISOString()

export function addMs(at: Timestamp, ms: number): Timestamp {
  return new Date(Date.parse(at) + ms).toISOString()
}
