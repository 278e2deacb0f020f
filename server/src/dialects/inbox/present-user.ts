import { Type } from 'typebox'
import type { PublicUser } from '../../core/users/schema.ts'
import type { Role } from '../../core/workspaces/schema.ts'
import type { Colleague } from '../../core/workspaces/search-members.ts'

export const TeamRoleText = Type.Enum(['USER', 'ADMIN', 'CUST'], {
  description: '`ADMIN`: owners and admins; `USER`: members and agents; `CUST`: guests.',
})
export type TeamRole = 'USER' | 'ADMIN' | 'CUST'

const ROLES: Record<Role, TeamRole> = { owner: 'ADMIN', admin: 'ADMIN', member: 'USER', agent: 'USER', guest: 'CUST' }

/** The core's roles behind one of this dialect's; all where none is named. */
export function memberRolesOf(role: TeamRole | undefined): Role[] {
  return (Object.keys(ROLES) as Role[]).filter((one) => role === undefined || ROLES[one] === role)
}

export const UserSummaryObject = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: 'The user.' }),
    name: Type.String(),
    username: Type.String(),
    avatar: Type.Optional(Type.String({ description: 'The URL of a picture, where there is one.' })),
  },
  { description: 'A member of the workspace, named beside something else.' },
)

export function presentUserSummary({ id, name, username }: Pick<PublicUser, 'id' | 'name' | 'username'>) {
  return { id, name, username }
}

export const UserObject = Type.Object(
  {
    ...UserSummaryObject.properties,
    email: Type.String(),
    roles: Type.Array(TeamRoleText, { description: 'The one that the person has in this workspace.' }),
  },
  { description: 'A member of the workspace.' },
)

export function presentUser({ user, member }: Colleague) {
  return { ...presentUserSummary(user), email: user.email, roles: [ROLES[member.role]] }
}
