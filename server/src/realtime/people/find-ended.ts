import type { ContactActor, UserActor } from '../../core/actor.ts'
import type { Core } from '../../core/context.ts'
import { findOpenSessions } from './open-sessions.ts'
import type { PersonActor } from './person.ts'

/** Who of some people may no longer be connected: their session has ended, or their client was revoked. */
export async function findEnded(core: Core, actors: PersonActor[]): Promise<Set<PersonActor>> {
  const users = actors.filter((actor) => actor.kind === 'user')
  const contacts = actors.filter((actor) => actor.kind === 'contact')
  return new Set([...(await findEndedUsers(core, users)), ...(await findEndedContacts(core, contacts))])
}

async function findEndedUsers({ database, clock }: Core, users: UserActor[]): Promise<UserActor[]> {
  if (users.length === 0) return []
  const ids = [...new Set(users.map(({ sessionId }) => sessionId))]
  const open = await findOpenSessions(database.kysely, { ids, now: clock() })
  return users.filter(({ sessionId }) => !open.has(sessionId))
}

async function findEndedContacts({ ports }: Core, contacts: ContactActor[]): Promise<ContactActor[]> {
  const ofClients = Map.groupBy(contacts, ({ clientId }) => clientId)
  const ended: ContactActor[] = []
  for (const [clientId, ofClient] of ofClients) {
    if (!(await ports.contactClients.isActive(clientId))) ended.push(...ofClient)
  }
  return ended
}
