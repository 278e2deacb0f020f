import { Type } from 'typebox'
import type { Transport } from '../../core/deliveries/carrier.ts'

/** A transport in this dialect's words. */
export const ChannelText = Type.Enum(['SMS', 'WhatsApp', 'Email'])
export type Channel = 'SMS' | 'WhatsApp' | 'Email'

const CHANNELS: Record<Transport, Channel> = { sms: 'SMS', whatsapp: 'WhatsApp', email: 'Email' }

export function presentChannel(transport: Transport): Channel {
  return CHANNELS[transport]
}

export function readChannel(channel: Channel): Transport {
  return channel.toLowerCase() as Transport
}
