import type { Timestamp } from '../../platform/clock.ts'

export type UserStatus = 'online' | 'offline' | 'busy' | 'out_of_office'

/** What everybody who shares a workspace or conversation with a person sees of them. */
export type PublicUser = {
  id: string
  username: string
  name: string
  /** What the person chose to show; null follows their open sockets. */
  status: UserStatus | null
  statusText: string | null
  statusExpiresAt: Timestamp | null
  createdAt: Timestamp
  updatedAt: Timestamp
}

/** What a person sees of themselves. */
export type User = PublicUser & { email: string }
