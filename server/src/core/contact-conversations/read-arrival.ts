import type { Transport } from '../deliveries/carrier.ts'
import type { Message } from '../messages/schema.ts'
import type { Arrival } from './schema.ts'

const TRANSPORTS: readonly unknown[] = ['sms', 'whatsapp', 'email'] satisfies Transport[]

/** How a contact's message came; undefined where it does not say. */
export function readArrival({ authorKind, metadata }: Pick<Message, 'authorKind' | 'metadata'>): Arrival | undefined {
  if (authorKind !== 'contact' || metadata === null || !TRANSPORTS.includes(metadata.transport)) return undefined
  return metadata as Arrival
}
