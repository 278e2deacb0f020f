import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { canRead } from '../conversations/policy.ts'
import { AppError } from '../errors.ts'
import { findFile, listCarryingConversationIds } from './queries.ts'
import type { StoredFile } from './schema.ts'

// Only the uploader can put a file into a message, so hardly a file is in more than a few.
const CONVERSATIONS_MAX = 200

export type GetFile = { fileId: string }

/** A file that the caller uploaded, or that a message carries which the caller can read. */
export async function getFile(ctx: Context<UserActor>, { fileId }: GetFile): Promise<StoredFile> {
  const file = await findFile(ctx.db, fileId)
  if (file === undefined || !(await isVisible(ctx, file))) throw new AppError('file_not_found', 'id')
  return file
}

async function isVisible(ctx: Context<UserActor>, file: StoredFile): Promise<boolean> {
  const isExpired = file.expiresAt !== null && file.expiresAt <= ctx.now()
  if (file.uploaderUserId === ctx.actor.id && !isExpired) return true
  for (const conversationId of await listCarryingConversationIds(ctx.db, file.id, CONVERSATIONS_MAX)) {
    const access = await ctx.ports.access.find(ctx.actor.id, conversationId)
    if (access !== undefined && canRead(access)) return true
  }
  return false
}
