import type { ContactClientPort } from '../ports.ts'
import type { ClientCache } from './client-cache.ts'
import { isOriginAllowed } from './origin.ts'

/** What the tokens of contacts depend on of their clients, from memory. */
export function createContactClients(clients: ClientCache): ContactClientPort {
  return {
    async isActive(clientId) {
      const client = await clients.findById(clientId)
      return client !== undefined && !client.isRevoked
    },
    async allowsOrigin(clientId, origin) {
      const client = await clients.findById(clientId)
      return client !== undefined && isOriginAllowed(client, origin)
    },
  }
}
