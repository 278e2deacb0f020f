/** Where this dialect is. Pages of any origin may call there: whose they are is checked with the client's token. */
export const CLIENT_PATHS = /^\/api\/v1\/(customers|channels|messages|client|tokens|events)(?=[/?]|$)/
