// Which clients there are, remembered with their tokens so that a known client's call costs no query, also one with a
// wrong token. Ownership: one per node, made by runtime.ts, which feeds it every committed event. A load that was under
// way when a client changed is used by those who wait for it already, and not kept.
//
// It also knows the public keys of all clients, so that it can tell without a query who may be a client at all: guesses
// that come in a flood are refused by this alone.

import { LRUCache } from 'lru-cache'
import type { Timestamp } from '../../platform/clock.ts'
import type { NetworkList } from '../../platform/network-list.ts'
import type { LoggedEvent } from '../log/events.ts'
import { isPublicKey } from './keys.ts'

export type KnownClient = {
  id: string
  name: string
  domain: string
  /** Whole names of the subdomains that may call; null for all of them. */
  subdomains: Set<string> | null
  /** Null for any address. */
  networks: NetworkList | null
  isRevoked: boolean
  modes: KnownMode[]
}

/** The live or the test side of a client. */
export type KnownMode = { isLive: boolean; workspaceId: string; publicKey: string; tokens: KnownToken[] }

/** A token that is not revoked; one that has expired is known for a while. */
export type KnownToken = { id: string; hash: Buffer; expiresAt: Timestamp | null }

export type ClientKey = { by: 'id' | 'publicKey' | 'workspaceId'; value: string }

type Load = (key: ClientKey) => Promise<KnownClient | undefined>
type Loading = { generation: number; client: Promise<KnownClient | undefined> }

/** How many public keys a node remembers; each takes some 80 bytes. */
export const PUBLIC_KEYS_MAX = 500_000

export class ClientCache {
  readonly #load: Load
  readonly #clients: LRUCache<string, KnownClient>
  /** The ids of those in `#clients`, by their public keys and workspaces. */
  readonly #ids = new Map<string, string>()
  /** Public keys, ids and workspaces that nobody has. */
  readonly #nobodys: LRUCache<string, true>
  readonly #publicKeys = new Set<string>()
  readonly #loading = new Map<string, Loading>()
  #generation = 0

  constructor(options: { load: Load; clientsMax: number }) {
    this.#load = options.load
    this.#clients = new LRUCache({ max: options.clientsMax, dispose: (client) => this.#forgetKeys(client) })
    this.#nobodys = new LRUCache({ max: options.clientsMax })
  }

  /** A client that is revoked is found too. */
  async findByPublicKey(publicKey: string): Promise<KnownClient | undefined> {
    if (!isPublicKey(publicKey)) return undefined
    return this.#find({ by: 'publicKey', value: publicKey })
  }

  findById(clientId: string): Promise<KnownClient | undefined> {
    return this.#find({ by: 'id', value: clientId })
  }

  /** The client whose live or test workspace this is. */
  findByWorkspace(workspaceId: string): Promise<KnownClient | undefined> {
    return this.#find({ by: 'workspaceId', value: workspaceId })
  }

  /** What is remembered of it now; undefined says nothing. */
  peekByPublicKey(publicKey: string): KnownClient | undefined {
    return this.#peek({ by: 'publicKey', value: publicKey })
  }

  /** Whether finding it is no query that somebody without a client can cause at will. */
  isFamiliar(publicKey: string): boolean {
    const isKnown = this.#publicKeys.has(publicKey) || this.#ids.has(publicKey)
    return isKnown || this.#nobodys.has(publicKey) || !isPublicKey(publicKey)
  }

  /** Tells it of public keys that exist. */
  learnPublicKeys(publicKeys: string[]): void {
    for (const publicKey of publicKeys) {
      if (this.#publicKeys.size < PUBLIC_KEYS_MAX) this.#publicKeys.add(publicKey)
    }
  }

  /** Forgets what the events may have changed. */
  apply(events: LoggedEvent[]): void {
    for (const event of events) {
      if (event.type !== 'client.created' && event.type !== 'client.updated') continue
      this.#generation++
      this.#nobodys.clear()
      this.#clients.delete(event.data.clientId)
      if (event.type === 'client.created') this.learnPublicKeys(event.data.publicKeys)
    }
  }

  async #find(key: ClientKey): Promise<KnownClient | undefined> {
    const known = this.#peek(key)
    const name = nameOf(key)
    if (known !== undefined || this.#nobodys.get(name)) return known
    const loading = this.#loading.get(name)
    if (loading?.generation === this.#generation) return loading.client
    const started = { generation: this.#generation, client: this.#loadAndKeep(key) }
    this.#loading.set(name, started)
    try {
      return await started.client
    } finally {
      if (this.#loading.get(name) === started) this.#loading.delete(name)
    }
  }

  #peek(key: ClientKey): KnownClient | undefined {
    const id = key.by === 'id' ? key.value : this.#ids.get(nameOf(key))
    return id === undefined ? undefined : this.#clients.get(id)
  }

  async #loadAndKeep(key: ClientKey): Promise<KnownClient | undefined> {
    const generation = this.#generation
    const client = await this.#load(key)
    if (generation !== this.#generation) return client
    if (client === undefined) this.#nobodys.set(nameOf(key), true)
    else this.#keep(client)
    return client
  }

  // First the client, since setting it forgets the keys of one that it replaces.
  #keep(client: KnownClient): void {
    this.#clients.set(client.id, client)
    for (const name of namesOf(client)) this.#ids.set(name, client.id)
    this.learnPublicKeys(client.modes.map(({ publicKey }) => publicKey))
  }

  #forgetKeys(client: KnownClient): void {
    for (const name of namesOf(client)) this.#ids.delete(name)
  }
}

function namesOf({ modes }: KnownClient): string[] {
  return modes.flatMap(({ publicKey, workspaceId }) => [
    nameOf({ by: 'publicKey', value: publicKey }),
    nameOf({ by: 'workspaceId', value: workspaceId }),
  ])
}

// No public key looks like one of the others.
function nameOf({ by, value }: ClientKey): string {
  return by === 'publicKey' ? value : `${by} ${value}`
}
