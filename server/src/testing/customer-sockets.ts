import type { TestContext } from 'node:test'
import { mintContactToken } from '../core/contact-tokens/mint-contact-token.ts'
import type { RealtimeLimits } from '../realtime/limits.ts'
import {
  asClient,
  type Customer,
  type CustomerIds,
  createClients,
  createCustomers,
  createShopServer,
} from './customer-cast.ts'
import { type RawSocket, type RealtimeWorld, realtimeWorld } from './realtime-world.ts'

/** Something out of a frame, as deep as a test looks. */
export interface Loose {
  [name: string]: Loose
}

export type CustomerReady = {
  customer: Loose
  head: number
  cursor: string
  resumed: boolean
  channels: { id: string; head: number; online: string[] }[]
  gap?: string[]
  more_channels?: boolean
}

/** A frame of `/ws/customers`, with whatever its data are. */
export type CustomerFrame = {
  event: string
  data: Loose
  id?: string | number
  channel?: string
  stream?: string
  seq?: number
  cursor?: string
}

export type Mint = { conversationIds?: string[] | null; ttlS?: number; isTest?: boolean }
export type Enter = Mint & { query?: string; origin?: string; wsUrl?: string }

export type CustomersWorld = {
  w: RealtimeWorld
  /** The customers' ids. */
  ids: CustomerIds
  clients: ReturnType<typeof createClients>
  server: ReturnType<typeof createShopServer>
  mint(customer: Customer, options?: Mint): Promise<string>
  /** A socket that is not signed in yet, unless by its headers. */
  open(query?: string, headers?: Record<string, string>): CustomerSocket
  /** A socket that is ready. */
  enter(customer: Customer, options?: Enter): Promise<CustomerSocket>
}

/** Customers with a server for their sockets. */
export async function customersWorld(t: TestContext, limits: Partial<RealtimeLimits> = {}): Promise<CustomersWorld> {
  const w = await realtimeWorld(t, limits, { eventTruth: false })
  const { core } = w.runtime
  const ids = await createCustomers(core)
  const clients = createClients(ids)
  core.ports.contactClients = clients
  const mint = async (customer: Customer, { conversationIds = null, ttlS, isTest = false }: Mint = {}) => {
    const ctx = asClient(core, ids, customer === 'erin')
    const actor = { ...ctx.actor, isLive: !isTest }
    const input = { contactId: ids[customer], conversationIds, ttlS }
    return (await mintContactToken({ ...ctx, actor }, input)).token
  }
  const open = (query = '', headers?: Record<string, string>) =>
    new CustomerSocket(w.socket(`/ws/customers${query}`, headers))
  const enter = async (customer: Customer, { query = '', origin, ...options }: Enter = {}) => {
    const headers = { authorization: `Bearer ${await mint(customer, options)}`, ...(origin && { origin }) }
    const { wsUrl = w.wsUrl } = options
    const socket = new CustomerSocket(w.socketAt(wsUrl, `/ws/customers${query}`, headers))
    await socket.named('connection.ready')
    return socket
  }
  return { w, ids, clients, server: createShopServer(core, ids), mint, open, enter }
}

/** What a customer's browser sends and hears. */
export class CustomerSocket {
  readonly raw: RawSocket
  #nextId = 1

  constructor(raw: RawSocket) {
    this.raw = raw
  }

  get frames(): CustomerFrame[] {
    return this.raw.frames as unknown as CustomerFrame[]
  }

  get ready(): CustomerReady {
    const ready = this.frames.find((frame) => frame.event === 'connection.ready')
    if (ready === undefined) throw new Error('Not ready yet.')
    return ready.data as unknown as CustomerReady
  }

  /** The close code, or the status of a refused handshake. */
  get ended(): Promise<number> {
    return this.raw.ended
  }

  async frame(isSo: (frame: CustomerFrame) => boolean): Promise<CustomerFrame> {
    return (await this.raw.frame((frame) => isSo(frame as unknown as CustomerFrame))) as unknown as CustomerFrame
  }

  /** The first frame of this name. */
  named(event: string): Promise<CustomerFrame> {
    return this.frame((frame) => frame.event === event)
  }

  /** What was heard so far of some names. */
  heard(...events: string[]): CustomerFrame[] {
    return this.frames.filter((frame) => events.includes(frame.event))
  }

  send(event: string, data: object = {}): Promise<void> {
    return this.raw.send({ event, data })
  }

  /** Sends and resolves with the answer. */
  async ask(event: string, data: object = {}): Promise<CustomerFrame> {
    const id = this.#nextId++
    await this.raw.send({ event, data, id })
    return this.frame((frame) => frame.id === id)
  }

  /** Resolves when everything that was sent to this socket before has come. */
  async settle(): Promise<void> {
    await this.ask('ping')
  }

  close(): void {
    this.raw.close()
  }
}
