import { randomUUIDv7 } from 'node:crypto'
import { ActivityReader } from './core/activity/activity-reader.ts'
import { ClientEventFeed } from './core/client-events/client-event-feed.ts'
import { ClientCache } from './core/clients/client-cache.ts'
import { createContactClients } from './core/clients/contact-clients.ts'
import { listPublicKeys, loadClient } from './core/clients/load-client.ts'
import { TokenUses } from './core/clients/token-uses.ts'
import { ContactCache } from './core/contacts/contact-cache.ts'
import type { Core } from './core/context.ts'
import { AccessCache } from './core/conversations/access-cache.ts'
import { loadAccessPrepared } from './core/conversations/queries.ts'
import { CustomerConversationCache } from './core/customer-conversations/conversation-cache.ts'
import { createFileUrls } from './core/files/file-urls.ts'
import { type LimitName, type RateLimit, RateLimits } from './core/limits/rate-limits.ts'
import type { LoggedEvent } from './core/log/events.ts'
import { LogTail } from './core/log/log-tail.ts'
import { createMessageHistory } from './core/messages/message-history.ts'
import { MessageWriter } from './core/messages/message-writer.ts'
import { createSearchIndexer } from './core/search/search-indexer.ts'
import { findLivingSession } from './core/sessions/find-living-session.ts'
import { SessionCache } from './core/sessions/session-cache.ts'
import { Passwords } from './core/users/passwords.ts'
import { type Clock, createSystemClock } from './platform/clock.ts'
import { createAccessTokens } from './platform/crypto/access-tokens.ts'
import { createContactTokens } from './platform/crypto/contact-tokens.ts'
import { deriveKey } from './platform/crypto/derive-key.ts'
import { createPasswordHash } from './platform/crypto/password-hash.ts'
import { createSealer } from './platform/crypto/sealer.ts'
import { openDatabase, openPool } from './platform/database/database.ts'
import { createOutgoingHttp } from './platform/http/outgoing-http.ts'
import type { Logger } from './platform/log.ts'
import { createDiskStorage } from './platform/storage/disk.ts'

export type RuntimeOptions = {
  databaseUrl: string
  log: Logger
  clock?: Clock
  connectionsMax: number
  /** Signs tokens and URLs and seals what is kept; 32 characters or more, the same on every node. */
  secret: string
  bcryptCost: number
  limits: Record<LimitName, RateLimit>
  /** Where people reach the server; asked anew each time, since a free port is only known once it is taken. */
  publicUrl(): string
  filesFolder: string
  fileBytesMax: number
  /** Networks (CIDR) that webhooks may reach although they are not public; `*` for all. */
  webhookAllowPrivate: readonly string[]
}

/** The core with all that it owns: what every way to run Parlance (server, commands, tests) begins with. */
export type Runtime = {
  core: Core
  tail: LogTail
  /** Fills the feed of client events. */
  clientEventFeed: ClientEventFeed
  /** Tells a cache of every committed event: this node's before their caller hears of it, others' as they come. */
  addCache(cache: EventCache): void
  close(): Promise<void>
}

/** Something that remembers what events change. Hears of an event once or twice, and not always in order. */
export type EventCache = { apply(events: LoggedEvent[]): void }

// The writer's statements are planned once, perhaps while their tables are nearly empty. That plan has to be the one for
// large tables: each row by its index.
export const WRITER_SETTINGS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
}

export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { databaseUrl, log } = options
  const nodeId = randomUUIDv7()
  let isClosing = false
  // The database may go while the last connections are being closed.
  const onError = (error: Error) => {
    if (!isClosing) log.warn({ err: error }, 'a database connection broke')
  }
  const database = openDatabase({ url: databaseUrl, connectionsMax: options.connectionsMax, onError })
  const writerPool = openPool({
    url: databaseUrl,
    connectionsMax: 1,
    applicationName: 'parlance writer',
    settings: WRITER_SETTINGS,
    onError,
  })
  const tail = new LogTail({ database, databaseUrl, nodeId, log })
  const access = new AccessCache({
    load: (userId, conversationId) => loadAccessPrepared(database.pool, userId, conversationId),
    conversationsMax: 50_000,
  })
  const clock = options.clock ?? createSystemClock()
  const sessions = new SessionCache({
    load: (sessionId) => findLivingSession(database.kysely, sessionId, clock),
    clock,
    sessionsMax: 100_000,
  })
  const clients = new ClientCache({ load: (key) => loadClient(database.kysely, key), clientsMax: 20_000 })
  const tokenUses = new TokenUses({ database, clock, log })
  const contacts = new ContactCache({ pool: database.pool, contactsMax: 100_000 })
  const customerConversations = new CustomerConversationCache({ pool: database.pool, conversationsMax: 100_000 })
  const caches: EventCache[] = [access, sessions, clients, contacts, customerConversations]
  const applyToCaches = (events: LoggedEvent[]) => {
    for (const cache of caches) cache.apply(events)
  }
  const onCommitted = (events: LoggedEvent[]) => {
    applyToCaches(events)
    tail.offer(events)
  }
  const messageWriter = new MessageWriter({
    pool: writerPool,
    nodeId,
    batchMax: 200,
    queueMax: 20_000,
    retryForMs: 15_000,
    onCommitted,
  })
  const history = createMessageHistory(database.pool)
  const files = createFileUrls({
    publicUrl: options.publicUrl,
    key: deriveKey(options.secret, 'file urls'),
    bytesMax: options.fileBytesMax,
    clock,
  })
  const storage = createDiskStorage(options.filesFolder)
  const sealer = createSealer(deriveKey(options.secret, 'sealed text'))
  const search = createSearchIndexer({ database, log })
  const activity = new ActivityReader({ database, log, clock })
  const clientEventFeed = new ClientEventFeed({ database, clock, log })
  const outgoing = createOutgoingHttp({ allowedPrivate: options.webhookAllowPrivate })
  const tokens = createAccessTokens(deriveKey(options.secret, 'access tokens'))
  const contactTokens = createContactTokens(deriveKey(options.secret, 'contact tokens'))
  const limits = new RateLimits(options.limits)
  const passwords = new Passwords({ passwordHash: createPasswordHash({ cost: options.bcryptCost }), limits })
  const ports = {
    messageWriter,
    history,
    search,
    access,
    contacts,
    customerConversations,
    activity,
    passwords,
    tokens,
    sessions,
    clients,
    tokenUses,
    contactTokens,
    contactClients: createContactClients(clients),
    limits,
    presence: { isOnline: () => false },
    files,
    storage,
    sealer,
    clientEvents: clientEventFeed,
    outgoing,
  }
  const core: Core = { database, ports, log, clock, nodeId, onCommitted }
  tail.listen(applyToCaches)
  tail.listen((events) => {
    search.wake()
    activity.wake()
    clientEventFeed.wake(events)
  })
  await tail.start()
  // After the start of the tail, which tells of all that are made from then on.
  clients.learnPublicKeys(await listPublicKeys(database.kysely))
  search.wake()
  activity.wake()
  await clientEventFeed.start()
  return {
    core,
    tail,
    clientEventFeed,
    addCache: (cache) => caches.push(cache),
    close: async () => {
      isClosing = true
      await messageWriter.close()
      await tail.close()
      await search.close()
      await activity.close()
      await tokenUses.close()
      await clientEventFeed.close()
      await outgoing.close()
      await writerPool.end()
      await database.close()
    },
  }
}
