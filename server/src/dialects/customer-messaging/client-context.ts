import type { ClientActor } from '../../core/actor.ts'
import type { Context } from '../../core/context.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the route's operation works with: the client's server has shown its keys. */
    clientCtx: Context<ClientActor>
  }
}
