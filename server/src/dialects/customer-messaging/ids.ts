import { Type } from 'typebox'
import { AppError, type ErrorCode, invalidField } from '../../core/errors.ts'
import { isUuid } from '../../core/uuid.ts'

// Ids are shown with a prefix that says of what they are; the bare UUID is taken too.
const PREFIXES = {
  customer: 'cust_',
  channel: 'ch_',
  message: 'msg_',
  event: 'evt_',
  endpoint: 'we_',
  delivery: 'whd_',
} as const

export type IdKind = keyof typeof PREFIXES

const NOT_FOUND: Record<IdKind, ErrorCode> = {
  customer: 'contact_not_found',
  channel: 'conversation_not_found',
  message: 'message_not_found',
  event: 'event_not_found',
  endpoint: 'webhook_endpoint_not_found',
  delivery: 'webhook_delivery_not_found',
}

export function presentId(kind: IdKind, id: string): string {
  return PREFIXES[kind] + id
}

/** Reads the id of a body or query; names the field where it is none. */
export function parseId(kind: IdKind, text: string, field: string): string {
  const id = readId(kind, text)
  if (id === undefined) throw invalidField(field, `must be the id of a ${kind}, such as ${PREFIXES[kind]}<uuid>`)
  return id
}

/** Reads the id of a path: what cannot be an id is not there. */
export function parsePathId(kind: IdKind, text: string): string {
  const id = readId(kind, text)
  if (id === undefined) throw new AppError(NOT_FOUND[kind])
  return id
}

/** Reads the row that a page begins beside: what is no id of such a row is as unknown as any other. */
export function parseCursor(kind: IdKind, text: string | undefined, field: string): string | undefined {
  if (text === undefined) return undefined
  const id = readId(kind, text)
  if (id === undefined) throw new AppError('invalid_cursor', field)
  return id
}

function readId(kind: IdKind, text: string): string | undefined {
  const prefix = PREFIXES[kind]
  const id = (text.startsWith(prefix) ? text.slice(prefix.length) : text).toLowerCase()
  return isUuid(id) ? id : undefined
}

export const Id = (kind: IdKind, description: string) =>
  Type.String({
    maxLength: 100,
    description: `${description} \`${PREFIXES[kind]}\` + UUID; the bare UUID is taken too.`,
  })
