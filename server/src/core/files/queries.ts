import { type ExpressionBuilder, sql } from 'kysely'
import type { Timestamp } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { DB } from '../../platform/database/schema.generated.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Attachment } from '../messages/schema.ts'
import type { StoredFile } from './schema.ts'

const FILE_COLUMNS = [
  'id',
  'uploaderUserId',
  'name',
  'contentType',
  'sizeBytes',
  'createdAt',
  'completedAt',
  'expiresAt',
] as const

/** The caller's own completed uploads, in the order asked for. Others' files are as good as missing. */
export async function getAttachments(ctx: Context<UserActor>, fileIds: string[]): Promise<Attachment[]> {
  if (fileIds.length === 0) return []
  const rows = await ctx.db
    .selectFrom('files')
    .select(['id as fileId', 'name', 'contentType', 'sizeBytes', 'completedAt'])
    .where('id', 'in', fileIds)
    .where('uploaderUserId', '=', ctx.actor.id)
    // What has expired is about to be removed: a message must not take it.
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', ctx.now())]))
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

export async function findFile(db: Database, id: string): Promise<StoredFile | undefined> {
  return db.selectFrom('files').select(FILE_COLUMNS).where('id', '=', id).executeTakeFirst()
}

/** Files that no message carries, nor ever will, since their time has passed. */
export function hasExpired(at: Timestamp) {
  return ({ and, eb, exists, not, selectFrom }: ExpressionBuilder<DB, 'files'>) =>
    and([
      eb('files.expiresAt', '<=', at),
      not(exists(selectFrom('messageFiles').select('fileId').whereRef('messageFiles.fileId', '=', 'files.id'))),
    ])
}

/** A complete file with what its reader needs. */
export async function findStored(
  db: Database,
  { fileId, at }: { fileId: string; at: Timestamp },
): Promise<(StoredFile & { sha256: Buffer; storageKey: string }) | undefined> {
  const file = await db
    .selectFrom('files')
    .select([...FILE_COLUMNS, 'sha256', 'storageKey'])
    .where('id', '=', fileId)
    .where('completedAt', 'is not', null)
    .where((eb) => eb.not(hasExpired(at)(eb)))
    .executeTakeFirst()
  if (file === undefined || file.sha256 === null || file.storageKey === null) return undefined
  return { ...file, sha256: file.sha256, storageKey: file.storageKey }
}

type Claim = { file: StoredFile; replacedKey: string | null }

/** Writes down where the bytes of a pending upload will be; undefined where it is complete, expired or unknown. */
export async function claimUpload(
  db: Database,
  { fileId, storageKey, at }: { fileId: string; storageKey: string; at: Timestamp },
): Promise<Claim | undefined> {
  const { rows } = await sql<StoredFile & { replacedKey: string | null }>`
    with pending as (
      select * from files where id = ${fileId} and completed_at is null and expires_at > ${at} for update
    )
    update files f set storage_key = ${storageKey} from pending p where f.id = p.id
    returning f.id, f.uploader_user_id, f.name, f.content_type, f.size_bytes, f.created_at, f.completed_at, f.expires_at,
      p.storage_key as replaced_key`.execute(db)
  if (rows[0] === undefined) return undefined
  const { replacedKey, ...file } = rows[0]
  return { file, replacedKey }
}

type Completion = { fileId: string; storageKey: string; sha256: Buffer; completedAt: Timestamp; expiresAt: Timestamp }

/** Completes the upload that holds the claim; undefined for one that lost it. */
export async function completeUpload(
  db: Database,
  { fileId, storageKey, ...completion }: Completion,
): Promise<StoredFile | undefined> {
  return db
    .updateTable('files')
    .set(completion)
    .where('id', '=', fileId)
    .where('storageKey', '=', storageKey)
    .where('completedAt', 'is', null)
    .returning(FILE_COLUMNS)
    .executeTakeFirst()
}

/** The conversations in which a message that was not deleted carries the file, the latest first. */
export async function listCarryingConversationIds(db: Database, fileId: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('messageFiles as f')
    .innerJoin('messages as m', 'm.id', 'f.messageId')
    .select('m.conversationId')
    .where('f.fileId', '=', fileId)
    .where('m.deletedAt', 'is', null)
    .groupBy('m.conversationId')
    .orderBy((eb) => eb.fn.max('m.createdAt'), 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => row.conversationId)
}
