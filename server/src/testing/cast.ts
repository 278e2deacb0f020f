import { randomUUIDv7 } from 'node:crypto'
import type { Core } from '../core/context.ts'
import type { Role } from '../core/workspaces/schema.ts'

/** ada owns the workspace, bob is a member, cy administers, gus is a guest; eve is outside; mallory owns another. */
export const NAMES = ['ada', 'bob', 'cy', 'gus', 'eve', 'mallory'] as const
export type Name = (typeof NAMES)[number]

export type CastIds = Record<Name, string> & {
  /** The workspace of ada, bob, cy and gus. */
  workspace: string
  /** Its public channel; in it are ada and bob. */
  general: string
  /** Its private channel; in it are ada and gus. */
  secret: string
  /** Mallory's workspace and its public channel; only mallory is in them. */
  otherWorkspace: string
  otherGeneral: string
}

const AT = '2026-01-01T00:00:00.000Z'

/** Writes the cast's rows directly, so that tests of one operation do not depend on others. */
export async function createCast(core: Core): Promise<CastIds> {
  const people = Object.fromEntries(NAMES.map((name) => [name, randomUUIDv7()])) as Record<Name, string>
  const ids = {
    ...people,
    workspace: randomUUIDv7(),
    general: randomUUIDv7(),
    secret: randomUUIDv7(),
    otherWorkspace: randomUUIDv7(),
    otherGeneral: randomUUIDv7(),
  }
  const { ada, bob, cy, gus, mallory } = ids
  for (const name of NAMES) await insertUser(core, ids[name], name)
  const roles: [string, Role][] = [
    [ada, 'owner'],
    [bob, 'member'],
    [cy, 'admin'],
    [gus, 'guest'],
  ]
  await insertWorkspace(core, { id: ids.workspace, name: 'Acme', domain: 'acme', roles })
  await insertWorkspace(core, { id: ids.otherWorkspace, name: 'Mallet', domain: 'mallet', roles: [[mallory, 'owner']] })
  const inAcme = { workspaceId: ids.workspace, createdBy: ada }
  await insertChannel(core, { ...inAcme, id: ids.general, name: 'general', isPrivate: false, userIds: [ada, bob] })
  await insertChannel(core, { ...inAcme, id: ids.secret, name: 'secret', isPrivate: true, userIds: [ada, gus] })
  await insertChannel(core, {
    id: ids.otherGeneral,
    workspaceId: ids.otherWorkspace,
    createdBy: mallory,
    name: 'general',
    isPrivate: false,
    userIds: [mallory],
  })
  return ids
}

async function insertUser({ database: { kysely } }: Core, id: string, name: string) {
  await kysely
    .insertInto('users')
    .values({ id, username: name, email: `${name}@example.com`, name, passwordHash: '!', createdAt: AT, updatedAt: AT })
    .execute()
  await kysely.insertInto('streams').values({ id, kind: 'user' }).execute()
  // The session that `as(name)` acts in has the person's own id.
  await kysely
    .insertInto('sessions')
    .values({ id, userId: id, createdAt: AT, lastUsedAt: AT, expiresAt: '2126-01-01T00:00:00.000Z' })
    .execute()
}

type CastWorkspace = { id: string; name: string; domain: string; roles: [string, Role][] }

async function insertWorkspace({ database: { kysely } }: Core, { id, name, domain, roles }: CastWorkspace) {
  await kysely
    .insertInto('workspaces')
    .values({ id, name, domain, createdBy: roles[0]![0], createdAt: AT, updatedAt: AT })
    .execute()
  await kysely.insertInto('streams').values({ id, kind: 'workspace' }).execute()
  const members = roles.map(([userId, role]) => ({ workspaceId: id, userId, role, joinedAt: AT, updatedAt: AT }))
  await kysely.insertInto('members').values(members).execute()
}

type CastChannel = {
  id: string
  workspaceId: string
  createdBy: string
  name: string
  isPrivate: boolean
  userIds: string[]
}

async function insertChannel({ database: { kysely } }: Core, { userIds, ...channel }: CastChannel) {
  await kysely.insertInto('streams').values({ id: channel.id, kind: 'conversation' }).execute()
  await kysely
    .insertInto('conversations')
    .values({ ...channel, kind: 'channel', createdAt: AT, updatedAt: AT })
    .execute()
  const rows = userIds.map((userId) => ({ conversationId: channel.id, userId, joinedAt: AT }))
  await kysely.insertInto('participants').values(rows).execute()
}
