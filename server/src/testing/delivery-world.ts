import type { TestContext } from 'node:test'
import { SYSTEM } from '../core/actor.ts'
import { openContactConversation } from '../core/contact-conversations/open-contact-conversation.ts'
import type { ContactConversation } from '../core/contact-conversations/schema.ts'
import { type Core, createContext } from '../core/context.ts'
import type { Carrier, Handover, Outgoing } from '../core/deliveries/carrier.ts'
import { DeliveryDispatcher, type DeliveryDispatcherOptions } from '../core/deliveries/delivery-dispatcher.ts'
import { findDeliveriesOf, listSteps } from '../core/deliveries/queries.ts'
import type { Delivery, DeliveryStatus } from '../core/deliveries/schema.ts'
import { createStream } from '../core/log/append-events.ts'
import { insertSender } from '../core/senders/queries.ts'
import type { Sender } from '../core/senders/schema.ts'
import type { Runtime } from '../runtime.ts'
import { until } from './client-world.ts'
import { type TestWorld, testWorld } from './world.ts'

const AT = '2026-01-01T00:00:00.000Z'

/** Takes what is handed over, and answers as the test says. */
export type ScriptedCarrier = Carrier & {
  /** All that was handed over, in order. */
  taken: Outgoing[]
  /** How many are being handed over now. */
  open: number
  /** The most at once so far. */
  openMax: number
  answer(message: Outgoing, signal: AbortSignal): Handover | Promise<Handover>
}

export type DeliveryWorld = TestWorld & {
  carrier: ScriptedCarrier
  /** A further number of ada's workspace, over this carrier. */
  addSender(address: string, carrier?: string): Promise<Sender>
  /** A contact with a conversation. */
  meet(name: string): Promise<ContactConversation>
  /** Writes to a contact; theirs is the last number. */
  say(to: ContactConversation, body: string, options: { sender: Sender; number: string }): Promise<Delivery>
  startCarrying(options?: Partial<DeliveryDispatcherOptions>, node?: Runtime): DeliveryDispatcher
  find(delivery: Delivery): Promise<Delivery>
  stepsOf(delivery: Delivery): ReturnType<typeof listSteps>
  untilStatus(delivery: Delivery, status: DeliveryStatus): Promise<Delivery>
}

export function scriptCarrier(name: string, answer: ScriptedCarrier['answer']): ScriptedCarrier {
  const carrier: ScriptedCarrier = {
    name,
    transports: ['sms'],
    taken: [],
    open: 0,
    openMax: 0,
    answer,
    async handOver(message, signal) {
      carrier.taken.push(message)
      carrier.open++
      carrier.openMax = Math.max(carrier.openMax, carrier.open)
      try {
        return await carrier.answer(message, signal)
      } finally {
        carrier.open--
      }
    },
    find: async () => undefined,
    close: async () => {},
  }
  return carrier
}

export function accept({ deliveryId }: Outgoing): Handover {
  return { outcome: 'accepted', carrierId: `SM${deliveryId}`, carrierStatus: 'queued' }
}

/** People outside, numbers of ada's workspace, and a carrier that takes everything unless a test says otherwise. */
export async function deliveryWorld(t: TestContext): Promise<DeliveryWorld> {
  const dispatchers: DeliveryDispatcher[] = []
  // Before the world's own end, which takes their database away.
  t.after(() => Promise.all(dispatchers.map((one) => one.close(0))))
  // Contacts are written behind the operations' back.
  const world = await testWorld(t, { eventTruth: false })
  const { core } = world.runtime
  const carrier = scriptCarrier('scripted', accept)
  const find = async ({ messageId }: Delivery) => {
    return (await findDeliveriesOf(core.database.kysely, [messageId])).get(messageId)!
  }
  return {
    ...world,
    carrier,
    addSender: (address, carrierName = carrier.name) => addSender(core, world.ids.workspace, { address, carrierName }),
    meet: (name) => meet(core, world.ids.workspace, name),
    say: (to, body, options) => say(core, world.ids.ada, { to, body, ...options }),
    startCarrying(options = {}, node = world.runtime) {
      const quick = { pollMs: 20, random: () => 0, carriers: [carrier], statusUrl: () => null, ...options }
      const dispatcher = new DeliveryDispatcher({ core: node.core, ...quick })
      dispatchers.push(dispatcher)
      dispatcher.start()
      return dispatcher
    },
    find,
    stepsOf: ({ id }) => listSteps(core.database.kysely, id),
    untilStatus: (delivery, status) =>
      until(`the delivery is ${status}`, async () => {
        const found = await find(delivery)
        return found.status === status && found
      }),
  }
}

async function addSender(
  core: Core,
  workspaceId: string,
  { address, carrierName }: { address: string; carrierName: string },
): Promise<Sender> {
  const sender: Sender = {
    id: createContext(core, SYSTEM).newId(),
    workspaceId,
    transport: 'sms',
    address,
    name: null,
    carrier: carrierName,
    isDefault: false,
    createdAt: AT,
    updatedAt: AT,
  }
  await insertSender(core.database.kysely, sender)
  return sender
}

async function meet(core: Core, workspaceId: string, name: string): Promise<ContactConversation> {
  const ctx = createContext(core, SYSTEM)
  const id = ctx.newId()
  await createStream(ctx.db, id, 'contact')
  await ctx.db.insertInto('contacts').values({ id, workspaceId, name, createdAt: AT, updatedAt: AT }).execute()
  return openContactConversation(ctx, { workspaceId, contactId: id })
}

async function say(
  core: Core,
  authorId: string,
  { to, body, sender, number }: { to: ContactConversation; body: string; sender: Sender; number: string },
): Promise<Delivery> {
  const ctx = createContext(core, SYSTEM)
  const { id: conversationId, workspaceId } = to.conversation
  const id = ctx.newId()
  const at = ctx.now()
  const delivery: Delivery = {
    id: ctx.newId(),
    messageId: id,
    conversationId,
    workspaceId,
    senderId: sender.id,
    transport: 'sms',
    carrier: sender.carrier,
    toAddress: number,
    email: null,
    status: 'queued',
    carrierId: null,
    carrierStatus: null,
    errorCode: null,
    errorReason: null,
    createdAt: at,
    updatedAt: at,
  }
  await core.ports.messageWriter.write({
    id,
    conversationId,
    workspaceId,
    authorKind: 'user',
    authorId,
    kind: 'text',
    body,
    rootId: null,
    mentions: [],
    attachments: [],
    metadata: null,
    clientId: null,
    createdAt: at,
    notices: [],
    delivery,
  })
  return delivery
}
