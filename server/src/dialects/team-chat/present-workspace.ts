import { Type } from 'typebox'
import type { MemberProfile, Membership } from '../../core/workspaces/schema.ts'
import { Id, type Live, OptionalId, presentUser, Time, UserObject } from './present.ts'

export const Role = Type.Enum(['owner', 'admin', 'member', 'agent', 'guest'], {
  description:
    'What the member may do. An `agent` writes like a `member`; a `guest` sees only channels it was added to.',
})

export const WorkspaceObject = Type.Object(
  {
    id: Id('The workspace.'),
    name: Type.String({ description: '1–100 characters.' }),
    domain: Type.String({ description: 'Unique on this server; 1–63 of `a-z`, `0-9` and `-`.' }),
    role: Role,
    created_by: OptionalId('Who made it.'),
    created_at: Time('When it was made.'),
    updated_at: Time('When its name or domain last changed.'),
  },
  { description: 'A workspace, with your own role in it.' },
)

export function presentWorkspace({ workspace, member }: Membership) {
  return {
    id: workspace.id,
    name: workspace.name,
    domain: workspace.domain,
    role: member.role,
    created_by: workspace.createdBy,
    created_at: workspace.createdAt,
    updated_at: workspace.updatedAt,
  }
}

export const MemberObject = Type.Object(
  {
    id: Id('The user’s id.'),
    workspace_id: Id('The workspace.'),
    user_id: Id('The user.'),
    role: Role,
    user: UserObject,
    joined_at: Time('When they became a member.'),
    created_at: Time('The same.'),
    updated_at: Time('When their role last changed.'),
  },
  { description: 'A person’s place in a workspace.' },
)

export function presentMember({ member, user }: MemberProfile, live: Live) {
  return {
    id: member.userId,
    workspace_id: member.workspaceId,
    user_id: member.userId,
    role: member.role,
    user: presentUser(user, live),
    joined_at: member.joinedAt,
    created_at: member.joinedAt,
    updated_at: member.updatedAt,
  }
}
