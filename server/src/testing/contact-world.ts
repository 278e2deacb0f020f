import { randomUUIDv7 } from 'node:crypto'
import type { TestContext } from 'node:test'
import { type ClientActor, SYSTEM, type SystemActor } from '../core/actor.ts'
import { createContact } from '../core/contacts/create-contact.ts'
import { type Context, createContext } from '../core/context.ts'
import { type TestWorld, type TestWorldOptions, testWorld } from './world.ts'

export type ContactWorld = TestWorld & {
  system: Context<SystemActor>
  /** The workspace of ada, bob, cy and gus, as operations on its contacts are given it. */
  workspaceId: string
  /** Makes a contact with the email `<name>@example.com`, in that workspace or another. */
  makeContact(name: string, workspaceId?: string): Promise<string>
}

/** The cast, whose workspace has contacts. */
export async function contactWorld(t: TestContext, options: TestWorldOptions = {}): Promise<ContactWorld> {
  const world = await testWorld(t, options)
  const { core } = world.runtime
  return {
    ...world,
    system: createContext(core, SYSTEM),
    workspaceId: world.ids.workspace,
    makeContact: async (name, workspaceId = world.ids.workspace) => {
      const actor: ClientActor = { kind: 'client', id: randomUUIDv7(), workspaceId, isLive: true, address: null }
      return (await createContact(createContext(core, actor), { name, email: `${name}@example.com` })).id
    },
  }
}
