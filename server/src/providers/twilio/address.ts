import type { Transport } from '../../core/deliveries/carrier.ts'

/** Twilio writes the channel before an address, as in `whatsapp:+15551234567`; an address of SMS stands alone. */
export type TwilioAddress = { channel: string; address: string }

const CHANNEL = /^([a-z][a-z0-9_-]*):(.*)$/is

/** @see https://www.twilio.com/docs/messaging/channels */
export function parseAddress(text: string): TwilioAddress {
  const [, channel, address] = CHANNEL.exec(text) ?? []
  return channel === undefined || address === undefined
    ? { channel: 'sms', address: text }
    : { channel: channel.toLowerCase(), address }
}

/** An address as Twilio wants it; one that has its channel already stays as it is. */
export function presentAddress(transport: Transport, address: string): string {
  return transport === 'whatsapp' && !CHANNEL.test(address) ? `whatsapp:${address}` : address
}

/** A Messaging Service, which chooses the sender itself, stands in the place of a sender. */
export function isMessagingService(from: string): boolean {
  return /^MG[0-9a-f]{32}$/i.test(from)
}
