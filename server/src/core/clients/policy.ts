import type { SystemActor } from '../actor.ts'

/** Who makes, changes and revokes clients: for now whoever has the command line of the server. */
export type ClientAdministrator = SystemActor
