import { parseEmailAddress } from '../addresses/parse-email-address.ts'
import { parseWhatsappAddress } from '../addresses/parse-phone.ts'
import { type ContactKey, getTendedContact, type TeamActor } from '../addresses/policy.ts'
import { readAddresses } from '../addresses/queries.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import { AppError, invalidField } from '../errors.ts'
import { requireStorableText } from '../messages/message-text.ts'
import { parseFields } from '../parse-fields.ts'
import { appendConsent, holdConsents, kindOf } from './ledger.ts'
import type { Consent } from './schema.ts'

const EVIDENCE_CHARACTERS_MAX = 500

export type SetConsent = ContactKey & {
  transport: Transport
  /** One of the contact's. */
  address: string
  isOptedOut: boolean
  /** What the person said, and how: up to 500 characters. Needed to opt somebody in. */
  evidence?: string | null | undefined
}

/**
 * Records that a person told the team that they do, or do not, want to hear from it at an address. Announced and audited;
 * what is known already is not recorded again.
 */
export async function setConsent(ctx: Context<TeamActor>, input: SetConsent): Promise<Consent> {
  const { workspaceId, contactId, transport, isOptedOut } = input
  const { address, evidence } = parseFields({
    address: () => parseAddress(input),
    evidence: () => parseEvidence(input),
  })
  return ctx.transaction(async (ctx) => {
    await getTendedContact(ctx, { workspaceId, contactId })
    const held = await holdConsents(ctx, { workspaceId, contactId, transport, address })
    await requireAddress(ctx, { ...held, kind: kindOf(transport) })
    const { newest } = held
    if (newest?.isOptedOut === isOptedOut) return newest
    const consent = await appendConsent(ctx, held, { isOptedOut, source: 'member', evidence, messageId: null })
    await recordAudit(ctx, {
      workspaceId,
      action: 'consent.set',
      targetType: 'contact',
      targetId: contactId,
      before: { transport, address, isOptedOut: newest?.isOptedOut ?? null },
      after: { transport, address, isOptedOut, evidence },
    })
    return consent
  })
}

function parseAddress({ transport, address }: SetConsent): string {
  if (transport === 'email') return parseEmailAddress(address, 'address').value
  return parseWhatsappAddress(address, { field: 'address' })
}

/** To write to somebody who had enough is a matter of law: somebody says why it is right. */
function parseEvidence({ isOptedOut, evidence }: SetConsent): string | null {
  const text = evidence?.trim() ?? ''
  requireStorableText(text, 'evidence')
  if ([...text].length > EVIDENCE_CHARACTERS_MAX) {
    throw invalidField('evidence', `must have at most ${EVIDENCE_CHARACTERS_MAX} characters`)
  }
  if (text === '' && !isOptedOut) throw invalidField('evidence', 'must say how the person agreed to hear from you')
  return text === '' ? null : text
}

type Sought = ContactKey & { kind: string; address: string }

async function requireAddress(ctx: Context, { workspaceId, contactId, kind, address }: Sought): Promise<void> {
  const addresses = await readAddresses(ctx.db, { workspaceId, contactId })
  if (!addresses.some((one) => one.kind === kind && one.value === address)) {
    throw new AppError('address_not_found', 'address')
  }
}
