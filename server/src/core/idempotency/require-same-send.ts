import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findThreadRoot } from '../messages/queries.ts'
import type { Message } from '../messages/schema.ts'
import type { SendMessage } from '../messages/send-message.ts'

/**
 * Throws `idempotency_key_reused` unless the message that stands under a key is what was sent again. It may have been
 * edited or deleted since: what counts is what it said first.
 */
export async function requireSameSend(ctx: Context<UserActor>, message: Message, input: SendMessage): Promise<void> {
  const isSame =
    message.conversationId === input.conversationId &&
    (await readFirstBody(ctx, message)) === input.body &&
    (await findRootId(ctx, input)) === message.rootId &&
    (message.deletedAt !== null || haveSameFiles(message, input.fileIds ?? []))
  if (!isSame) throw new AppError('idempotency_key_reused')
}

async function readFirstBody(ctx: Context, { id, revision, deletedAt, body }: Message): Promise<string | undefined> {
  if (revision === 0 && deletedAt === null) return body
  const first = await ctx.db
    .selectFrom('messageRevisions')
    .select('body')
    .where('messageId', '=', id)
    .orderBy('revision')
    .executeTakeFirst()
  return first?.body
}

async function findRootId(ctx: Context, { parentId, conversationId }: SendMessage): Promise<string | null | undefined> {
  if (!parentId) return null
  return (await findThreadRoot(ctx.db, parentId, conversationId))?.id
}

function haveSameFiles({ attachments }: Message, fileIds: string[]): boolean {
  const given = [...new Set(fileIds)]
  return given.length === attachments.length && attachments.every(({ fileId }, i) => fileId === given[i])
}
