// Every failure that a caller can see. Dialects translate these by their kind; they never invent their own.

export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'rate_limited'
  | 'unprocessable'
  | 'unavailable'
  | 'internal'

type Entry = { kind: ErrorKind; message: string }

export const ERRORS = {
  // Requests
  invalid_request: { kind: 'unprocessable', message: 'Some fields are not valid.' },
  invalid_cursor: { kind: 'unprocessable', message: 'The cursor is not one that this list gave out.' },
  rate_limited: { kind: 'rate_limited', message: 'Too many requests: try again later.' },
  idempotency_key_reused: {
    kind: 'conflict',
    message: 'This Idempotency-Key was used with another request: use a new key.',
  },
  idempotency_key_in_use: { kind: 'conflict', message: 'The first request with this Idempotency-Key still runs.' },
  overloaded: { kind: 'unavailable', message: 'The server has too much to do: try again shortly.' },
  unavailable: { kind: 'unavailable', message: 'The database does not answer: try again shortly.' },
  internal: { kind: 'internal', message: 'Something went wrong on our side.' },

  // Accounts and sessions
  unauthenticated: {
    kind: 'unauthenticated',
    message: 'Sign in first: send the header Authorization: Bearer <access token>.',
  },
  invalid_access_token: { kind: 'unauthenticated', message: 'The access token is not valid: sign in again.' },
  expired_access_token: { kind: 'unauthenticated', message: 'The access token has expired: refresh it.' },
  invalid_refresh_token: { kind: 'unauthenticated', message: 'The refresh token is not valid: sign in again.' },
  invalid_ticket: { kind: 'unauthenticated', message: 'The ticket is unknown, used or expired: ask for a new one.' },
  wrong_password: { kind: 'unprocessable', message: 'The current password is wrong.' },
  wrong_credentials: { kind: 'unauthenticated', message: 'The email or the password is wrong.' },
  username_taken: { kind: 'conflict', message: 'This username is taken.' },
  email_taken: { kind: 'conflict', message: 'There is an account with this email.' },
  user_not_found: { kind: 'not_found', message: 'No such user.' },

  // Workspaces
  workspace_not_found: { kind: 'not_found', message: 'No such workspace.' },
  domain_taken: { kind: 'conflict', message: 'This domain is taken.' },
  member_not_found: { kind: 'not_found', message: 'No such member.' },
  already_member: { kind: 'conflict', message: 'This user is a member already.' },
  last_owner: { kind: 'conflict', message: 'A workspace needs an owner: make another member owner first.' },
  permission_denied: { kind: 'forbidden', message: 'Your role does not allow this.' },

  // Conversations
  conversation_not_found: { kind: 'not_found', message: 'No such conversation.' },
  conversation_closed: {
    kind: 'forbidden',
    message: 'You share no workspace with this person any more: this conversation can only be read.',
  },
  channel_name_taken: { kind: 'conflict', message: 'This workspace has a channel with this name.' },
  already_participant: { kind: 'conflict', message: 'This user is in the channel already.' },
  participant_not_found: { kind: 'not_found', message: 'This user is not in the channel.' },
  not_a_workspace_member: { kind: 'unprocessable', message: 'This user is not a member of the workspace.' },

  // Contacts and the conversations between them
  contact_not_found: { kind: 'not_found', message: 'No such contact.' },
  contact_tag_not_found: { kind: 'not_found', message: 'The contact has no such tag.' },
  follower_not_found: { kind: 'not_found', message: 'This user does not follow the contact.' },
  contact_email_taken: { kind: 'unprocessable', message: 'Another contact has this email.' },
  general_conversation_exists: {
    kind: 'unprocessable',
    message: 'These contacts have a general conversation: use that one.',
  },
  conversation_name_taken: {
    kind: 'unprocessable',
    message: 'These contacts have another conversation with this name.',
  },
  general_conversation_fixed: {
    kind: 'unprocessable',
    message: 'A general conversation has no name of its own: it cannot be renamed.',
  },

  // How contacts are reached, and whether they want to be
  address_not_found: { kind: 'not_found', message: 'The contact has no such address.' },
  address_taken: { kind: 'conflict', message: 'Another contact of the workspace has this address.' },
  too_many_addresses: {
    kind: 'unprocessable',
    message: 'The contact has as many addresses of this kind as it can have: remove one first.',
  },
  contact_dnd: {
    kind: 'unprocessable',
    message: 'The contact is set to do not disturb: nothing is sent to it until that is switched off.',
  },
  opted_out: {
    kind: 'unprocessable',
    message:
      'The person opted out at this address: nothing is sent there until they write START, or a member records that they agreed.',
  },
  whatsapp_window_closed: {
    kind: 'unprocessable',
    message:
      'The person has not written on WhatsApp in the last 24 hours: send an approved template, or wait for their message.',
  },

  // Tokens of contacts
  invalid_contact_token: {
    kind: 'unauthenticated',
    message: 'The token is not valid, or its contact or client is gone: get a new one from your server.',
  },
  expired_contact_token: {
    kind: 'unauthenticated',
    message: 'The token has expired: get a new one from your server.',
  },
  contact_origin_not_allowed: { kind: 'forbidden', message: 'Pages of this origin may not use tokens of this client.' },

  // Messages
  message_not_found: { kind: 'not_found', message: 'No such message.' },
  message_deleted: { kind: 'conflict', message: 'The message was deleted.' },
  message_empty: { kind: 'unprocessable', message: 'A message needs a text or an attachment.' },
  thread_root_not_found: { kind: 'unprocessable', message: 'The parent message is not in this conversation.' },
  edit_conflict: { kind: 'conflict', message: 'The message was edited meanwhile: read it again.' },
  reaction_not_found: { kind: 'not_found', message: 'No such reaction.' },
  too_many_reactions: { kind: 'unprocessable', message: 'The message has as many different reactions as it can have.' },
  search_too_slow: {
    kind: 'unavailable',
    message: 'The search took too long: narrow it, for example with in:, from: or after:.',
  },
  notification_not_found: { kind: 'not_found', message: 'No such notification.' },

  // API clients
  client_not_found: { kind: 'not_found', message: 'No such client.' },
  client_revoked: { kind: 'conflict', message: 'The client is revoked, for good: make a new one.' },
  client_token_not_found: { kind: 'not_found', message: 'The client has no such token that is not revoked already.' },
  client_token_ambiguous: { kind: 'conflict', message: 'Several tokens end in this hint: name one by its id.' },
  too_many_client_tokens: {
    kind: 'conflict',
    message: 'The client has as many working tokens as it can have: revoke some first.',
  },
  missing_authorization: {
    kind: 'unauthenticated',
    message: "The request does not say who calls: send the client's token as Authorization: Bearer <token>.",
  },
  missing_public_key: { kind: 'unauthenticated', message: 'The request does not name the public key of a client.' },
  unknown_public_key: { kind: 'unauthenticated', message: 'No client has this public key.' },
  invalid_client_token: { kind: 'unauthenticated', message: 'The token is not one of this public key.' },
  expired_client_token: { kind: 'unauthenticated', message: 'The token has expired: use the newer one.' },
  origin_not_allowed: {
    kind: 'unauthenticated',
    message: 'The page that calls is not of the domain of the client, or not of a subdomain that it allows.',
  },
  address_not_allowed: { kind: 'unauthenticated', message: 'The client does not allow calls from this address.' },

  // Sockets
  too_many_subscriptions: {
    kind: 'unprocessable',
    message: 'This connection follows as many conversations as it can: end a subscription first.',
  },

  // Events and webhooks of API clients
  event_not_found: { kind: 'not_found', message: 'No such event, or it is no longer kept.' },
  event_expired: { kind: 'gone', message: 'The event is no longer kept: it cannot be sent again.' },
  webhook_endpoint_not_found: { kind: 'not_found', message: 'No such webhook endpoint.' },
  webhook_endpoint_disabled: { kind: 'conflict', message: 'The webhook endpoint is disabled: enable it first.' },
  too_many_webhook_endpoints: {
    kind: 'unprocessable',
    message: 'There are as many webhook endpoints as there can be: delete one first.',
  },
  webhook_delivery_not_found: { kind: 'not_found', message: 'No such delivery, or it is no longer kept.' },
  webhook_delivery_pending: { kind: 'conflict', message: 'This delivery is still being tried.' },

  // Sending to people outside
  sender_not_found: {
    kind: 'unprocessable',
    message: 'The workspace has no such number or mailbox to send from: set one up, or name another.',
  },
  contact_has_no_address: {
    kind: 'unprocessable',
    message: 'The contact has no address for this way of sending: give one.',
  },
  webhook_not_signed: {
    kind: 'forbidden',
    message: 'The webhook is not signed with the secret that is configured here, or was changed on its way.',
  },
  scheduled_message_not_found: { kind: 'not_found', message: 'No such scheduled message.' },
  scheduled_message_sent: {
    kind: 'conflict',
    message: 'The message is sent, or being sent at this moment: it cannot be cancelled any more.',
  },
  scheduled_message_failed: {
    kind: 'conflict',
    message: 'The message could not be sent when it was due: there is nothing to cancel.',
  },
  too_many_scheduled_messages: {
    kind: 'unprocessable',
    message: 'As many messages wait in this conversation as can: cancel some first.',
  },
  manual_action_not_found: { kind: 'not_found', message: 'No such manual action.' },
  client_id_taken: { kind: 'conflict', message: 'This client_id names a message of another kind: use a new one.' },

  // Files
  file_not_found: { kind: 'not_found', message: 'No such file.' },
  file_not_ready: { kind: 'unprocessable', message: 'The upload of this file is not complete.' },
  file_type_refused: { kind: 'unprocessable', message: 'Files of this type are not accepted.' },
  file_type_mismatch: { kind: 'unprocessable', message: 'The bytes are not of the type that was announced.' },
  file_size_mismatch: { kind: 'unprocessable', message: 'The upload does not have the size that was announced.' },
  file_too_large: { kind: 'too_large', message: 'The file is larger than the limit, or than was announced.' },
  upload_replaced: { kind: 'conflict', message: 'Another upload to this URL began later, and counts instead.' },
  storage_full: { kind: 'unavailable', message: 'The server has no room for files left: try again later.' },
  upload_already_complete: { kind: 'conflict', message: 'This upload is complete: an upload URL works once.' },
  invalid_signature: { kind: 'forbidden', message: 'The URL is not signed by this server, or it was changed.' },
  url_expired: { kind: 'gone', message: 'The URL has expired: ask for a new one.' },
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof ERRORS

/** Which fields are wrong, and what each should be: `{ email: ['is not an email address'] }`. */
export type FieldProblems = Record<string, string[]>

export type ErrorDetail = {
  /** The field that is wrong, in the caller's own words where the operation has one. */
  param?: string
  fields?: FieldProblems
  /** How long to wait before another try, in milliseconds. */
  retryAfterMs?: number
  /** What the operation changed before it refused is kept, with its events: the refusal is its outcome. */
  keepsChanges?: boolean
  /** What is there already, and stands in the way. */
  existingId?: string
  cause?: unknown
}

export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly param: string | undefined
  readonly fields: FieldProblems | undefined
  readonly retryAfterMs: number | undefined
  readonly keepsChanges: boolean
  readonly existingId: string | undefined

  constructor(code: ErrorCode, detail: string | ErrorDetail = {}) {
    const { param, fields, retryAfterMs, keepsChanges, existingId, cause } =
      typeof detail === 'string' ? { param: detail } : detail
    super(ERRORS[code].message, { cause })
    this.code = code
    this.kind = ERRORS[code].kind
    this.param = param
    this.fields = fields
    this.retryAfterMs = retryAfterMs
    this.keepsChanges = keepsChanges ?? false
    this.existingId = existingId
  }
}

/** The problem of a field that is not there at all, for dialects that tell this from a wrong value. */
export const IS_REQUIRED = 'is required'

/** Refuses with `invalid_request`, naming one field. */
export function invalidField(field: string, problem: string): AppError {
  return new AppError('invalid_request', { fields: { [field]: [problem] } })
}
