import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Attachment } from '../messages/schema.ts'

/** The caller's own completed uploads, in the order asked for. Others' files are as good as missing. */
export async function getAttachments(ctx: Context<UserActor>, fileIds: string[]): Promise<Attachment[]> {
  const rows = await ctx.db
    .selectFrom('files')
    .select(['id as fileId', 'name', 'contentType', 'sizeBytes', 'completedAt'])
    .where('id', 'in', fileIds)
    .where('uploaderUserId', '=', ctx.actor.id)
    .execute()
  const files = new Map(rows.map((row) => [row.fileId, row]))
  return [...new Set(fileIds)].map((id) => {
    const file = files.get(id)
    if (file === undefined) throw new AppError('file_not_found', 'attachments')
    if (file.completedAt === null) throw new AppError('file_not_ready', 'attachments')
    const { fileId, name, contentType, sizeBytes } = file
    return { fileId, name, contentType, sizeBytes }
  })
}
