import type { AccessCache } from './conversations/access-cache.ts'
import type { MessageWriter } from './messages/message-writer.ts'

/** What operations need beside the database. Each has an embedded default; `runtime.ts` chooses. */
export type Ports = {
  /** The one writer of new messages. */
  messageWriter: MessageWriter
  /** Who may do what in which conversation, remembered until the log says otherwise. */
  access: AccessCache
  presence: PresencePort
}

/** Who has an open socket. */
export type PresencePort = {
  isOnline(userId: string): boolean
}
