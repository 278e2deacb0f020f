import type { Timestamp } from '../../platform/clock.ts'

export type Reaction = { id: string; messageId: string; userId: string; content: string; createdAt: Timestamp }
