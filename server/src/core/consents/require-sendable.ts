import { sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { Context } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import { AppError } from '../errors.ts'

/**
 * How long after a person's last message WhatsApp takes free text to them, in milliseconds; later it takes approved
 * templates only. https://www.twilio.com/docs/api/errors/63016
 */
export const WHATSAPP_WINDOW_MS = 24 * 60 * 60 * 1000

export type Sending = {
  contact: { id: string; workspaceId: string }
  transport: Transport
  /** In its one spelling: E.164, or an email in lower case. */
  address: string
  /** A template is one that the carrier has approved. */
  kind: 'text' | 'template'
  /** When the person last wrote over this transport, from this address to the number that sends; null for never. */
  lastInboundAt: Timestamp | null
}

/**
 * Refuses what must not be sent to a person: `contact_dnd`, `opted_out`, `whatsapp_window_closed`. Asked when a message is
 * accepted and again when it is due, since what it depends on changes meanwhile.
 */
export async function requireSendable(ctx: Context, sending: Sending): Promise<void> {
  const { isDnd, isOptedOut } = await readWishes(ctx, sending)
  if (isDnd) throw new AppError('contact_dnd', 'to')
  if (isOptedOut) throw new AppError('opted_out', 'to')
  const { transport, kind, lastInboundAt } = sending
  if (transport === 'whatsapp' && kind === 'text' && !isWindowOpen(ctx.now(), lastInboundAt)) {
    throw new AppError('whatsapp_window_closed', 'to')
  }
}

/** Whether WhatsApp takes free text at this moment. Only the person opens the window, never what was sent to them. */
export function isWindowOpen(now: Timestamp, lastInboundAt: Timestamp | null): boolean {
  return lastInboundAt !== null && Date.parse(now) - Date.parse(lastInboundAt) < WHATSAPP_WINDOW_MS
}

async function readWishes(ctx: Context, { contact, transport, address }: Sending) {
  const { id, workspaceId } = contact
  const { rows } = await sql<{ isDnd: boolean; isOptedOut: boolean }>`
    select is_dnd, coalesce((
      select is_opted_out from consents
      where workspace_id = ${workspaceId} and transport = ${transport} and address = ${address}
      order by id desc limit 1
    ), false) as is_opted_out
    from contacts where id = ${id} and workspace_id = ${workspaceId} and deleted_at is null`.execute(ctx.db)
  const wishes = rows[0]
  if (wishes === undefined) throw new AppError('contact_not_found', 'contact_id')
  return wishes
}
