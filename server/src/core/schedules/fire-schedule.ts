import { addMs, type Timestamp } from '../../platform/clock.ts'
import { isCanceled, isConnectionError, isRetryable } from '../../platform/database/errors.ts'
import { SYSTEM, type UserActor } from '../actor.ts'
import { type Context, type Core, createContext } from '../context.ts'
import { prepareSend, sendToContact } from '../deliveries/send-to-contact.ts'
import { AppError, type ErrorKind } from '../errors.ts'
import { lockStream } from '../log/append-events.ts'
import { raiseManualAction } from '../manual-actions/raise-manual-action.ts'
import type { Claim } from './claim-schedules.ts'
import { clientIdOf, endSchedule, findSentMessageId, postponeSchedule } from './queries.ts'

/** Tries of one message while the database is away or has too much to do; hours. */
const ATTEMPTS_MAX = 200
/** The same where something is wrong that nobody foresaw. */
const UNFORESEEN_MAX = 10
const WAIT_MS_MAX = 60_000

const PASSING: ReadonlySet<ErrorKind> = new Set(['unavailable', 'rate_limited', 'internal'])

type Outcome =
  | { status: 'sent'; messageId: string }
  | { status: 'failed'; code: string; reason: string }
  | { status: 'postponed'; dueAt: Timestamp }

/**
 * Sends a message that is due, in the name of its author and by all the rules of this moment, and writes down what became of it.
 * What may not be sent has failed, and a person is told. Sending twice sends once.
 */
export async function fireSchedule(core: Core, claim: Claim): Promise<void> {
  const ctx = createContext(core, SYSTEM)
  const outcome = await send(core, claim)
  const { id, leaseEndsAt, conversationId, workspaceId, transport, authorUserId } = claim
  if (outcome.status === 'postponed') return postponeSchedule(ctx.db, { id, leaseEndsAt, dueAt: outcome.dueAt })
  const { status } = outcome
  const ending =
    status === 'sent'
      ? { status, messageId: outcome.messageId }
      : { status, errorCode: outcome.code, errorReason: outcome.reason }
  await ctx.transaction(async (ctx) => {
    await lockStream(ctx.db, conversationId)
    const schedule = await endSchedule(ctx.db, id, { ...ending, at: ctx.now(), claimedUntil: leaseEndsAt })
    // The claim had ended, and another node settled it.
    if (schedule === undefined) return
    ctx.record({ type: 'schedule.updated', streamId: conversationId, workspaceId, data: { schedule } })
    if (outcome.status !== 'failed') return
    const { code, reason } = outcome
    const cause = { what: 'scheduled', transport, to: schedule.to, code, reason, authorUserId } as const
    await raiseManualAction(ctx, { workspaceId, conversationId, scheduleId: id, ...cause })
  })
}

async function send(core: Core, claim: Claim): Promise<Outcome> {
  const { id, authorUserId, workspaceId, conversationId, transport, input } = claim
  const author: UserActor = { kind: 'user', id: authorUserId, sessionId: id, address: null }
  const ctx = createContext<UserActor>(core, author)
  try {
    // Whoever tried before may have sent it and died: that it was allowed then is what counts.
    const sentId = await findSentMessageId(ctx.db, { id, authorUserId })
    if (sentId !== undefined) return { status: 'sent', messageId: sentId }
    if (claim.number > ATTEMPTS_MAX) return { status: 'failed', code: 'internal', reason: NEVER_ENDED }
    const message = { workspaceId, conversationId, transport, ...input, clientId: clientIdOf(id) }
    await requireKnownAddress(ctx, message)
    const { message: sent } = await sendToContact(ctx, message)
    return { status: 'sent', messageId: sent.id }
  } catch (error) {
    return judge(core, claim, error)
  }
}

/** An address that was removed since is not given to the contact again. */
async function requireKnownAddress(ctx: Context<UserActor>, message: Parameters<typeof prepareSend>[1]): Promise<void> {
  if (!message.to) return
  const { isNewAddress } = await prepareSend(ctx, message)
  if (isNewAddress) throw new AppError('address_not_found', 'to')
}

function judge(core: Core, { id, number }: Claim, error: unknown): Outcome {
  const isPassing =
    isConnectionError(error) ||
    isRetryable(error) ||
    isCanceled(error) ||
    (error instanceof AppError && PASSING.has(error.kind))
  if (!isPassing && error instanceof AppError) return { status: 'failed', code: error.code, reason: explain(error) }
  if (number < (isPassing ? ATTEMPTS_MAX : UNFORESEEN_MAX)) {
    core.log.warn({ err: error, schedule: id, number }, 'a scheduled message waits')
    const waitMs = Math.min(WAIT_MS_MAX, 1_000 * 2 ** Math.min(number - 1, 6))
    return { status: 'postponed', dueAt: addMs(core.clock(), waitMs) }
  }
  core.log.error({ err: error, schedule: id, number }, 'a scheduled message could not be sent')
  return { status: 'failed', code: 'internal', reason: NEVER_ENDED }
}

const NEVER_ENDED = 'The server tried again and again, and could not send it.'

function explain({ code, message }: AppError): string {
  const isAuthorGone = code === 'workspace_not_found' || code === 'permission_denied'
  return isAuthorGone ? 'Whoever scheduled it is not on the team of the workspace any more.' : message
}
