/** Beneath these paths a request is this dialect's, also where there is no such route. */
export const CLIENT_PREFIXES = ['customers', 'channels', 'messages', 'client', 'tokens', 'events'].map(
  (name) => `/api/v1/${name}`,
)

/** The same of a whole URL. Pages of any origin may call there: whose they are is checked with the client's token. */
export const CLIENT_PATHS = new RegExp(`^(${CLIENT_PREFIXES.join('|')})(?=[/?]|$)`)
