import { CLIENT_EVENT_TYPES, type ClientEventType } from '../client-events/schema.ts'
import type { Context } from '../context.ts'
import { invalidField } from '../errors.ts'

const URL_CHARACTERS_MAX = 2_048
const DESCRIPTION_CHARACTERS_MAX = 500

/** Refuses what can never be called: another scheme, credentials, a private address. */
export function parseWebhookUrl(ctx: Context, url: string): string {
  const text = url.trim()
  if (text.length > URL_CHARACTERS_MAX) throw invalidField('url', `must have at most ${URL_CHARACTERS_MAX} characters`)
  const refusal = ctx.ports.outgoing.explainRefusal(text)
  if (refusal !== undefined) throw invalidField('url', refusal)
  return text
}

export function parseDescription(description: string | null | undefined): string | null {
  const text = description?.trim() ?? ''
  if (text.length > DESCRIPTION_CHARACTERS_MAX) {
    throw invalidField('description', `must have at most ${DESCRIPTION_CHARACTERS_MAX} characters`)
  }
  // PostgreSQL has no place for it.
  if (text.includes('\0')) throw invalidField('description', 'must not contain the character U+0000')
  return text === '' ? null : text
}

/** Null and nothing are all types. */
export function parseEventTypes(types: readonly ClientEventType[] | null | undefined): ClientEventType[] | null {
  if (types === null || types === undefined) return null
  if (types.length === 0) throw invalidField('event_types', 'must not be empty: leave it out for all events')
  return CLIENT_EVENT_TYPES.filter((type) => types.includes(type))
}
