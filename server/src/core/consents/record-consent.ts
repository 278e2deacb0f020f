import type { Context } from '../context.ts'
import { appendConsent, holdConsents } from './ledger.ts'
import type { Consent } from './schema.ts'

export type RecordConsent = Pick<
  Consent,
  'workspaceId' | 'contactId' | 'transport' | 'address' | 'isOptedOut' | 'source' | 'evidence'
> & {
  messageId?: string | null
}

/**
 * Adds to the ledger what was heard of a person's consent, and announces it. For the program itself: nothing is checked
 * but that the contact is of the workspace; `address` is in its one spelling. Takes the contact's head, so a transaction
 * that holds others takes that one with them.
 */
export async function recordConsent(ctx: Context, input: RecordConsent): Promise<Consent> {
  const { isOptedOut, source, evidence, messageId = null, ...key } = input
  return ctx.transaction(async (ctx) => {
    const held = await holdConsents(ctx, key)
    return appendConsent(ctx, held, { isOptedOut, source, evidence, messageId })
  })
}
