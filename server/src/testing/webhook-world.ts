import type { TestContext } from 'node:test'
import { createWebhookEndpoint } from '../core/webhooks/create-webhook-endpoint.ts'
import { getWebhookDelivery } from '../core/webhooks/get-webhook-delivery.ts'
import type { AttemptResult } from '../core/webhooks/judge-reply.ts'
import { listWebhookDeliveries } from '../core/webhooks/list-webhook-deliveries.ts'
import type { DeliveryStatus } from '../core/webhooks/schema.ts'
import { WebhookDispatcher, type WebhookDispatcherOptions } from '../core/webhooks/webhook-dispatcher.ts'
import { presentEvent } from '../dialects/customer-messaging/present-event.ts'
import type { Runtime } from '../runtime.ts'
import { type ClientWorld, clientWorld, until } from './client-world.ts'
import { openReceiver, type WebhookReceiver } from './webhook-receiver.ts'

export type WebhookWorld = ClientWorld & {
  /** Acme's server. */
  receiver: WebhookReceiver
  /** Every attempt of all dispatchers, in order. */
  results: AttemptResult[]
  /** Sends from a node, the first one unless said, until the test ends. */
  startSending(options?: Partial<WebhookDispatcherOptions>, node?: Runtime): WebhookDispatcher
  /** An endpoint of acme at this URL, its own server's unless said. */
  addEndpoint(url?: string): Promise<{ endpointId: string; secret: string }>
  /** Waits until an endpoint has so many deliveries of a status. */
  untilDeliveries(endpointId: string, status: DeliveryStatus, count: number): Promise<string[]>
  /** A delivery with its attempts. */
  read(endpointId: string, deliveryId: string): ReturnType<typeof getWebhookDelivery>
}

/** Clients with a receiver, and webhooks that go out once `startSending` was called. */
export async function webhookWorld(t: TestContext): Promise<WebhookWorld> {
  const dispatchers: WebhookDispatcher[] = []
  // Before the world's own end, which takes their database away.
  t.after(() => Promise.all(dispatchers.map((one) => one.close(0))))
  const world = await clientWorld(t)
  const receiver = await openReceiver(t)
  const results: AttemptResult[] = []
  const listIds = async (endpointId: string, status: DeliveryStatus) => {
    const { deliveries } = await listWebhookDeliveries(world.acme, { endpointId, limit: 100, status })
    return deliveries.map(({ id }) => id)
  }
  return {
    ...world,
    receiver,
    results,
    startSending(options = {}, node = world.runtime) {
      const onResult = (result: AttemptResult) => void results.push(result)
      const quick = { pollMs: 20, present: presentEvent, onResult, ...options }
      const dispatcher = new WebhookDispatcher({ core: node.core, ...quick })
      dispatchers.push(dispatcher)
      node.clientEventFeed.listen(() => dispatcher.wake())
      dispatcher.start()
      return dispatcher
    },
    async addEndpoint(url = receiver.url) {
      const { endpoint, secret } = await createWebhookEndpoint(world.acme, { url })
      return { endpointId: endpoint.id, secret }
    },
    untilDeliveries: (endpointId, status, count) =>
      until(`${count} deliveries are ${status}`, async () => {
        const ids = await listIds(endpointId, status)
        return ids.length === count && ids
      }),
    read: (endpointId, deliveryId) => getWebhookDelivery(world.acme, { endpointId, deliveryId }),
  }
}
