import type { Engine } from '../engine.ts'
import type { Follower } from '../hub.ts'
import type { Skin } from '../protocol.ts'
import { ContactPerson } from './contact.ts'
import type { Person, PersonActor } from './person.ts'
import { TeamPerson } from './team.ts'
import { UserPerson } from './user.ts'

type Place = { connection: Follower; people: Skin['people']; workspaceId: string | null }

/** The one place where the kind of an actor, and of a connection, decides how it goes. */
export function createPerson(engine: Engine, actor: PersonActor, { connection, people, workspaceId }: Place): Person {
  if (actor.kind === 'contact') return new ContactPerson(engine, actor, connection)
  return people === 'team'
    ? new TeamPerson(engine, actor, { named: workspaceId })
    : new UserPerson(engine, actor, connection)
}
