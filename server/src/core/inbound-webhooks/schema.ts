import type { Timestamp } from '../../platform/clock.ts'
import type { SystemActor } from '../actor.ts'
import type { Context } from '../context.ts'

/** What may come with one webhook: mails with their attachments are the largest. */
export const BODY_BYTES_MAX = 25 * 1024 * 1024

export type InboundStatus = 'pending' | 'applied' | 'ignored' | 'failed'

/** `ignored`: understood, and nothing of ours. */
export type Outcome = 'applied' | 'ignored'

/** A webhook as it came, on its way to its applier. */
export type StoredWebhook = {
  id: string
  /** Whose, and about what: `twilio.status`. */
  kind: string
  /** What names it among its kind. */
  key: string
  /** Where it was sent to, in full. */
  url: string
  /** Those that were kept, with names in lower case. */
  headers: Record<string, string>
  /** Its very bytes, up to 25 MiB. */
  body: Buffer
  receivedAt: Timestamp
}

export type ApplyOne = (ctx: Context<SystemActor>, webhook: StoredWebhook) => Promise<Outcome>

/** Gives an outcome for each, in their order, or throws: then nothing of the batch may remain, and each comes by itself. */
export type ApplyMany = (ctx: Context<SystemActor>, webhooks: readonly StoredWebhook[]) => Promise<Outcome[]>

/**
 * Does what webhooks of a kind ask for. May be given the same one twice, also at the same time, and in any order; twice
 * must be the same as once. One that throws is given it again later. What it throws must not carry what it was given.
 */
export type Applier = ApplyOne | { applyMany: ApplyMany }

/** By kind. */
export type Appliers = Readonly<Record<string, Applier>>
