// The times of a JWT are whole seconds since 1970; the program's are texts.

export function toSeconds(at: string): number {
  return Math.floor(Date.parse(at) / 1_000)
}

export function toTimestamp(seconds: number): string {
  return new Date(seconds * 1_000).toISOString()
}
