import type { Timestamp } from '../../platform/clock.ts'

export type Role = 'owner' | 'admin' | 'member' | 'agent' | 'guest'

export type Workspace = {
  id: string
  name: string
  domain: string
  createdBy: string
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
