// Clients with their tokens, remembered so that to authenticate one costs no query. Ownership: one per node, made by
// runtime.ts, which feeds it every committed event; so what is revoked anywhere is forgotten here within a moment. A
// read that was under way meanwhile is not kept. When tokens were last used is gathered here and written once a minute.
// Shutdown: `close` writes what was gathered.

import { LRUCache } from 'lru-cache'
import { type AddressList, parseAddressList } from '../../platform/address-list.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabasePool } from '../../platform/database/database.ts'
import type { Logger } from '../../platform/log.ts'
import type { LoggedEvent } from '../log/events.ts'
import { Remembered } from '../remembered.ts'
import { findClient, findClientByKey, type KeptToken, listKeptTokens, touchTokens } from './queries.ts'
import type { Client } from './schema.ts'

export type KnownClient = {
  client: Client
  tokens: KeptToken[]
  /** Where the client's servers call from; null for anywhere. */
  allowedAddresses: AddressList | null
}

type Options = { database: DatabasePool; clock: Clock; log: Logger; clientsMax: number }

const TOUCH_MS = 60_000

export class ClientCache {
  readonly #options: Options
  readonly #clients: Remembered<KnownClient>
  /** The client of a public key; null where there is none. */
  readonly #idsByKey: LRUCache<string, { id: string | null }>
  #uses = new Map<string, string>()
  #touching: NodeJS.Timeout | undefined

  constructor(options: Options) {
    this.#options = options
    this.#clients = new Remembered({ load: (ids) => this.#read(ids), rowsMax: options.clientsMax })
    this.#idsByKey = new LRUCache({ max: options.clientsMax * 4 })
  }

  /** Undefined where nobody has the key; also of clients that were revoked. */
  async findByKey(publicKey: string): Promise<KnownClient | undefined> {
    const known = this.#idsByKey.get(publicKey)
    if (known?.id === null) return undefined
    if (known !== undefined) return this.find(known.id!)
    const client = await findClientByKey(this.#options.database.kysely, publicKey)
    this.#idsByKey.set(publicKey, { id: client?.id ?? null })
    return client && this.find(client.id)
  }

  /** The same by the client's id. */
  async find(id: string): Promise<KnownClient | undefined> {
    const known = this.#clients.peek(id) ?? (await this.#clients.find(id))
    return known === undefined || known.client.revokedAt !== null ? undefined : known
  }

  used(tokenId: string): void {
    this.#uses.set(tokenId, this.#options.clock())
    this.#touching ??= setTimeout(() => void this.#touch(), TOUCH_MS)
    this.#touching.unref()
  }

  apply(events: LoggedEvent[]): void {
    for (const { type, streamId } of events) {
      if (type === 'client.created') this.#idsByKey.clear()
      if (type === 'client.updated') this.#clients.forget(streamId)
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#touching)
    await this.#touch()
  }

  async #read(ids: string[]): Promise<Map<string, KnownClient>> {
    const { kysely } = this.#options.database
    const known = new Map<string, KnownClient>()
    for (const id of ids) {
      const client = await findClient(kysely, id)
      if (client !== undefined) known.set(id, toKnown(client, await listKeptTokens(kysely, id)))
    }
    return known
  }

  async #touch(): Promise<void> {
    const uses = this.#uses
    this.#uses = new Map()
    this.#touching = undefined
    try {
      await touchTokens(this.#options.database.kysely, uses)
    } catch (error) {
      this.#options.log.warn({ err: error }, 'when tokens of clients were last used could not be written down')
    }
  }
}

function toKnown(client: Client, tokens: KeptToken[]): KnownClient {
  const allowed = client.allowedIps === null ? null : parseAddressList(client.allowedIps)
  return { client, tokens, allowedAddresses: allowed }
}
