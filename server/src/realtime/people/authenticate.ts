import type { ContactActor, UserActor } from '../../core/actor.ts'
import { authenticateContact } from '../../core/contact-tokens/authenticate-contact.ts'
import { AppError } from '../../core/errors.ts'
import type { Engine } from '../engine.ts'
import type { Skin } from '../protocol.ts'
import type { PersonActor } from './person.ts'

/** What a connection brings to show who it is, and where it comes from. */
export type Proof = {
  token: string | null
  ticket: string | null
  address: string | null
  /** The origin of the page; null where it is no browser's. */
  origin: string | null
}

/** Finds who a token or a ticket stands for, among those who sign in on a skin's connections. */
export function authenticatePerson(engine: Engine, people: Skin['people'], proof: Proof): Promise<PersonActor> {
  return people === 'contact' ? authenticateByContactToken(engine, proof) : authenticateUser(engine, proof)
}

/** Pages of foreign origins were refused before the handshake. */
export async function authenticateUser(
  { authentication }: Engine,
  { token, ticket, address }: Omit<Proof, 'origin'>,
): Promise<UserActor> {
  if (token !== null) return authentication.byToken(token, address)
  if (ticket !== null) return authentication.byTicket(ticket, address)
  throw new AppError('unauthenticated')
}

async function authenticateByContactToken({ core }: Engine, { token, address, origin }: Proof): Promise<ContactActor> {
  if (token === null) throw new AppError('invalid_contact_token')
  return authenticateContact(core, { token, address, origin })
}
