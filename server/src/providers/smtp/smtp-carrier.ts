import type { Carrier, EmailParts, Handover, Outgoing } from '../../core/deliveries/carrier.ts'
import { composeEmail } from './compose-email.ts'
import type { Letter, LetterOutcome, SmtpTimeouts } from './smtp-connection.ts'
import { isLostConnection, judgeFailure } from './smtp-failure.ts'
import { createSmtpPool, type Lease, type SmtpPool } from './smtp-pool.ts'
import { parseSmtpUrl } from './smtp-url.ts'

export type SmtpOptions = {
  /** `smtps://user:password@host`, or `smtp://…` for STARTTLS: see `parseSmtpUrl`. */
  url: string
  /** The name we give to the server, as in `chat.example.com`. */
  name?: string
  /** At the same time; others wait. */
  connectionsMax?: number
  timeouts?: Partial<SmtpTimeouts>
  /** Certificates to trust beside the usual ones, as PEM. */
  ca?: string
}

const CONNECTIONS_MAX = 5
const IDLE_MS = 10_000
const TIMEOUTS: SmtpTimeouts = { connectMs: 10_000, silenceMs: 120_000 }

/**
 * Carries emails by a mail server. Its id of a message is our Message-ID: nothing else comes back, in bounces and answers.
 * It reports no more than that it has taken a message, and cannot be asked.
 */
export function createSmtpCarrier({ url, name = 'localhost', ...options }: SmtpOptions): Carrier {
  const pool = createSmtpPool({
    server: parseSmtpUrl(url),
    name,
    ca: options.ca,
    connectionsMax: options.connectionsMax ?? CONNECTIONS_MAX,
    idleMs: IDLE_MS,
    timeouts: { ...TIMEOUTS, ...options.timeouts },
  })
  return {
    name: 'smtp',
    transports: ['email'],
    async handOver(message, signal) {
      const { email } = message
      if (email === null) return refuse({ problem: 'The message is no email.', code: 'not_an_email', isFinal: true })
      const bytes = await composeEmail({ ...message, email }, signal)
      if ('problem' in bytes) return refuse(bytes)
      const letter = { from: message.from, to: listRecipients(message, email), bytes }
      const outcome = await sendLetter(pool, letter, signal)
      if ('error' in outcome) return judgeFailure(outcome.error, outcome.mayHaveEnded)
      if (outcome.rejection === undefined) {
        return { outcome: 'accepted', carrierId: email.messageId, carrierStatus: 'accepted' }
      }
      // The copies have gone out: again would be twice for them, even where the server would take this one later.
      const judged = judgeFailure(outcome.rejection, false)
      return judged.outcome === 'refused' ? { ...judged, isFinal: true } : judged
    },
    find: async () => undefined,
    close: async () => pool.close(),
  }
}

/** On a kept connection that turns out to be closed the letter is sent on a new one: it has had no end yet, so it is one. */
async function sendLetter(pool: SmtpPool, letter: Letter, signal: AbortSignal): Promise<LetterOutcome> {
  const first = await take(pool, signal, false)
  if ('error' in first) return first
  const outcome = await sendOn(first, letter, signal)
  const isWorthAnother =
    'error' in outcome && first.isReused && !outcome.mayHaveEnded && isLostConnection(outcome.error)
  if (!isWorthAnother || signal.aborted) return outcome
  const second = await take(pool, signal, true)
  return 'error' in second ? second : sendOn(second, letter, signal)
}

async function take(
  pool: SmtpPool,
  signal: AbortSignal,
  fresh: boolean,
): Promise<Lease | Extract<LetterOutcome, { error: unknown }>> {
  try {
    return await pool.take(signal, fresh)
  } catch (error) {
    return { error, mayHaveEnded: false }
  }
}

async function sendOn(lease: Lease, letter: Letter, signal: AbortSignal): Promise<LetterOutcome> {
  const outcome = await lease.connection.send(letter, signal)
  if ('error' in outcome) lease.drop()
  else lease.giveBack()
  return outcome
}

/** The one whom the delivery is for first; each address once. */
function listRecipients({ to }: Outgoing, { cc, bcc }: EmailParts): string[] {
  const seen = new Set<string>()
  return [to, ...cc, ...bcc].filter((address) => {
    const key = address.toLowerCase()
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function refuse({ problem, code, isFinal }: { problem: string; code: string; isFinal: boolean }): Handover {
  return { outcome: 'refused', isFinal, code, reason: problem, retryAfterMs: null }
}
