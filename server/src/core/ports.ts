import type { Sealer } from '../platform/crypto/sealer.ts'
import type { OutgoingHttp } from '../platform/http/outgoing.ts'
import type { StoragePort } from '../platform/storage/storage.ts'
import type { ActivityPort } from './activity/activity-reader.ts'
import type { ClientEventsPort } from './client-events/client-event-feed.ts'
import type { ClientCache } from './clients/client-cache.ts'
import type { TokenUses } from './clients/token-uses.ts'
import type { ContactTokensPort } from './contact-tokens/schema.ts'
import type { ContactCache } from './contacts/contact-cache.ts'
import type { AccessCache } from './conversations/access-cache.ts'
import type { CustomerConversationCache } from './customer-conversations/conversation-cache.ts'
import type { FilesPort } from './files/file-urls.ts'
import type { RateLimits } from './limits/rate-limits.ts'
import type { MessageHistory } from './messages/message-history.ts'
import type { MessageWriter } from './messages/message-writer.ts'
import type { SearchIndexPort } from './search/search-indexer.ts'
import type { AccessTokensPort } from './sessions/access-tokens.ts'
import type { SessionCache } from './sessions/session-cache.ts'
import type { Passwords } from './users/passwords.ts'

/** What operations need beside the database. Each has an embedded default; `runtime.ts` chooses. */
export type Ports = {
  /** The one writer of new messages. */
  messageWriter: MessageWriter
  /** The hot reads of messages. Not part of a transaction. */
  history: MessageHistory
  /** How far the search index is. */
  search: SearchIndexPort
  /** Who may do what in which conversation, remembered until the log says otherwise. */
  access: AccessCache
  /** Who contacts are, remembered until the log says otherwise. */
  contacts: ContactCache
  /** Who is in which conversation between contacts, remembered until the log says otherwise. */
  customerConversations: CustomerConversationCache
  /** How far the lists by activity are. */
  activity: ActivityPort
  /** Hashes and checks passwords. */
  passwords: Passwords
  /** Signs and reads access tokens. */
  tokens: AccessTokensPort
  /** Which sessions live, remembered until the log says otherwise. */
  sessions: SessionCache
  /** Which API clients there are, remembered until the log says otherwise. */
  clients: ClientCache
  /** Notes when the tokens of clients are used. */
  tokenUses: TokenUses
  /** Signs and reads the tokens of contacts. */
  contactTokens: ContactTokensPort
  /** The clients for whose contacts tokens are made. */
  contactClients: ContactClientPort
  limits: RateLimits
  presence: PresencePort
  /** The signed URLs of files, and how large one may be. */
  files: FilesPort
  /** The bytes of files. */
  storage: StoragePort
  /** Seals what must not lie in the database in clear. */
  sealer: Sealer
  /** How far the feed of client events is. */
  clientEvents: ClientEventsPort
  /** Calls the servers of others. */
  outgoing: OutgoingHttp
}

/** Who has an open socket. */
export type PresencePort = {
  isOnline(userId: string): boolean
}

/**
 * What the tokens of contacts depend on of API clients. Asked for every connection, so the answers come from memory;
 * after a client's `client.updated` they are those of after it.
 */
export type ContactClientPort = {
  /** False where the client is unknown or was revoked. */
  isActive(clientId: string): Promise<boolean>
  /**
   * Whether a page may act for the client's contacts: its `Origin` header, as `https://shop.example`, names the client's
   * domain or an allowed subdomain of it. False for what is no origin, as `null`.
   */
  allowsOrigin(clientId: string, origin: string): Promise<boolean>
}
