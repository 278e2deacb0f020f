import type { Timestamp } from '../../platform/clock.ts'
import type { Context } from '../context.ts'
import { type Keyword, YES } from './keywords.ts'
import { appendConsent, holdConsents } from './ledger.ts'
import { findConsentOfMessage } from './queries.ts'
import { matchKeyword } from './read-keyword.ts'
import type { Consent, ConsentKey } from './schema.ts'

/** A message from a person, over a transport, from an address in its one spelling. */
export type InboundWord = ConsentKey & {
  contactId: string
  messageId: string
  body: string
  /** When it arrived here, however much later it is applied. */
  receivedAt: Timestamp
}

export type AppliedKeyword = {
  /** What the message is; null for an ordinary one. */
  keyword: Keyword | null
  /** What it changed; null where it changed nothing. */
  consent: Consent | null
}

/**
 * Opts a person out, or in again, where that is what they wrote, and announces it. A message applied twice counts once. In
 * doubt nobody is written to: an opt-out counts even when it is applied late, an opt-in only where nothing newer is known.
 * Takes the contact's head, so a transaction that holds others takes that one with them.
 */
export async function applyKeyword(ctx: Context, message: InboundWord): Promise<AppliedKeyword> {
  const match = matchKeyword(message.body, message.transport)
  if (match === null) return { keyword: null, consent: null }
  const { keyword, word } = match
  if (keyword === 'help') return { keyword, consent: null }
  return ctx.transaction(async (ctx) => {
    const held = await holdConsents(ctx, message)
    const applied = await findConsentOfMessage(ctx.db, message)
    if (applied !== undefined) return { keyword, consent: applied }
    if (keyword === 'in' && !bringsBack(word, message, held.newest)) return { keyword, consent: null }
    const consent = await appendConsent(ctx, held, {
      isOptedOut: keyword === 'out',
      source: 'keyword',
      evidence: message.body.trim(),
      messageId: message.messageId,
      createdAt: message.receivedAt,
    })
    return { keyword, consent }
  })
}

function bringsBack(word: string, { receivedAt }: InboundWord, newest: Consent | undefined): boolean {
  if (newest === undefined || !newest.isOptedOut) return false
  if (Date.parse(receivedAt) < Date.parse(newest.createdAt)) return false
  // Twilio lets YES undo its own block only. What a member or an import knows is more than a word that answers anything.
  return word !== YES || newest.source === 'keyword' || newest.source === 'carrier'
}
