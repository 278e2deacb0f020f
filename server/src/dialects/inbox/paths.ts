/** Beneath these paths a request is this dialect's, also where there is no such route. */
export const INBOX_PREFIXES = ['conversations', 'users', 'contacts', 'scheduled-messages', 'webhooks'].map(
  (name) => `/api/v1/${name}`,
)
