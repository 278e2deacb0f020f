import type { ClientEventType } from '../../core/client-events/schema.ts'

const WIRE_TYPES = {
  'contact.created': 'customer.created',
  'contact.updated': 'customer.updated',
  'contact.deleted': 'customer.deleted',
  'conversation.opened': 'channel.created',
  'conversation.updated': 'channel.updated',
  'conversation.deleted': 'channel.deleted',
  'message.created': 'message.sent',
  'message.updated': 'message.updated',
  'message.deleted': 'message.deleted',
} as const satisfies Record<ClientEventType, string>

export type WireEventType = (typeof WIRE_TYPES)[ClientEventType]

const CORE_TYPES = new Map(Object.entries(WIRE_TYPES).map(([core, wire]) => [wire, core as ClientEventType]))

/** What clients call each event. */
export const WIRE_EVENT_TYPES: WireEventType[] = Object.values(WIRE_TYPES)

export function presentEventType(type: ClientEventType | 'webhook.test'): WireEventType | 'webhook.test' {
  return type === 'webhook.test' ? type : WIRE_TYPES[type]
}

/** The routes' schemas let only these types through. */
export function parseEventTypes(types: readonly WireEventType[]): ClientEventType[] {
  return types.map((type) => CORE_TYPES.get(type)!)
}
