import { Type } from 'typebox'
import { getOwnClient } from '../../core/clients/get-own-client.ts'
import type { CustomerMessagingApp } from './app.ts'
import { LiveMode, Seconds, toSeconds } from './present.ts'

/** @see docs/api/customer-messaging.md#client */
export function registerClientRoutes(app: CustomerMessagingApp): void {
  app.get('/api/v1/client/:client_uuid', { schema: schemas.get }, async ({ clientCtx, params }) => {
    const { id, isLive } = clientCtx.actor
    const client = await getOwnClient(clientCtx, { clientId: params.client_uuid })
    return {
      object: 'client' as const,
      id,
      uuid: id,
      name: client.name,
      domain: client.domain,
      public_key: isLive ? client.livePublicKey : client.testPublicKey,
      allowed_ips: client.allowedIps,
      allowed_subdomains: client.allowedSubdomains,
      created: toSeconds(client.createdAt),
      livemode: isLive,
    }
  })
}

const texts = (description: string) =>
  Type.Unsafe<string[] | null>({ type: ['array', 'null'], items: { type: 'string' }, description })

const schemas = {
  get: {
    operationId: 'getClient',
    summary: 'Yourself: the client whose keys you use',
    tags: ['Client'],
    params: Type.Object({ client_uuid: Type.String({ maxLength: 100, description: 'Your own id.' }) }),
    response: {
      200: Type.Object(
        {
          object: Type.Literal('client'),
          id: Type.String({ format: 'uuid' }),
          uuid: Type.String({ format: 'uuid', description: 'The same.' }),
          name: Type.String(),
          domain: Type.String({ description: 'Where your web pages are.' }),
          public_key: Type.String({ description: 'The one that you use, of the live or the test pair.' }),
          allowed_ips: texts('Addresses and networks that your servers call from; null for any.'),
          allowed_subdomains: texts('Subdomains of the domain that may call; null for all.'),
          created: Seconds('When it was made.'),
          livemode: LiveMode,
        },
        { description: 'An API client.' },
      ),
    },
  },
}
