import { SYSTEM, type SystemActor } from '../core/actor.ts'
import { type CreateClient, type CreatedClient, createClient } from '../core/clients/create-client.ts'
import { type Context, createContext } from '../core/context.ts'
import type { Runtime } from '../runtime.ts'

/** The caller of an operation as the command line is. */
export function asSystem({ core }: Runtime): Context<SystemActor> {
  return createContext(core, SYSTEM)
}

/** A client of the domain acme.example with its first tokens. */
export function createTestClient(runtime: Runtime, input: Partial<CreateClient> = {}): Promise<CreatedClient> {
  return createClient(asSystem(runtime), { name: 'Acme', domain: 'acme.example', ...input })
}
