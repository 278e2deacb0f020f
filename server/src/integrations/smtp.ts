import { parseEmailAddress } from '../core/addresses/parse-email-address.ts'
import { createSmtpCarrier } from '../providers/smtp/smtp-carrier.ts'
import type { Integration } from './integration.ts'

/** Emails over a mail server of one's own. It reports nothing, and what people answer does not come back this way. */
export function integrateSmtp({ url, from, name }: { url: string; from: string; name: string }): Integration {
  return {
    carrier: createSmtpCarrier({ url, name }),
    doors: [],
    appliers: {},
    senders: [{ transport: 'email', address: parseEmailAddress(from, 'from').value, carrier: 'smtp' }],
    statusUrl: () => null,
  }
}
