import type { Timestamp } from '../../platform/clock.ts'
import type { PublicUser } from '../users/schema.ts'

export type Role = 'owner' | 'admin' | 'member' | 'agent' | 'guest'

/** The rule for a workspace's name. */
export const WORKSPACE_NAME = { field: 'name', charactersMax: 100 }

export type Workspace = {
  id: string
  name: string
  domain: string
  /** Null for the workspaces of an API client. */
  createdBy: string | null
  createdAt: Timestamp
  updatedAt: Timestamp
  deletedAt: Timestamp | null
}

export type Member = {
  workspaceId: string
  userId: string
  role: Role
  joinedAt: Timestamp
  updatedAt: Timestamp
}

/** A workspace with somebody's place in it. */
export type Membership = { workspace: Workspace; member: Member }

/** A member with what others see of them. */
export type MemberProfile = { member: Member; user: PublicUser }
