import type { Engine } from '../engine.ts'
import type { Follower } from '../hub.ts'
import { ContactPerson } from './contact.ts'
import type { Person, PersonActor } from './person.ts'
import { UserPerson } from './user.ts'

/** The one place where the kind of an actor decides how its connection goes. */
export function createPerson(engine: Engine, actor: PersonActor, connection: Follower): Person {
  switch (actor.kind) {
    case 'user':
      return new UserPerson(engine, actor, connection)
    case 'contact':
      return new ContactPerson(engine, actor, connection)
  }
}
