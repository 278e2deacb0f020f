export type OutgoingRequest = {
  url: string
  headers: Record<string, string>
  body: string
  /** For all of it: name, connection, answer. */
  timeoutMs: number
  /** So much of the answer's body is read, the rest is cut. */
  responseBytesMax: number
}

export type OutgoingReply =
  | { status: number; retryAfter: string | undefined; body: string }
  /** What went wrong, in words that may be shown. */
  | { error: string }

/** Calls the servers of others. */
export type OutgoingHttp = {
  /** Why this URL can never be called; undefined where that is only known once it is. */
  explainRefusal(url: string): string | undefined
  /** Never throws. Follows no redirect. */
  post(request: OutgoingRequest): Promise<OutgoingReply>
  /** Breaks off what is under way. */
  close(): Promise<void>
}
