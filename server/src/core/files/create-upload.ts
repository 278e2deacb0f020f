import { addMs, type Timestamp } from '../../platform/clock.ts'
import type { UserActor } from '../actor.ts'
import type { Context } from '../context.ts'
import { AppError, invalidField } from '../errors.ts'
import { parseContentType } from './content-type.ts'
import { parseFileName } from './file-name.ts'
import type { StoredFile } from './schema.ts'

const UPLOAD_VALID_MS = 60 * 60 * 1000

export type CreateUpload = { name: string; contentType: string; sizeBytes: number }

export type CreatedUpload = {
  file: StoredFile
  /** Takes the bytes, once, until `expiresAt`. */
  url: string
  expiresAt: Timestamp
}

/** Announces a file that the caller is about to upload. Nobody else hears of it before a message carries it. */
export async function createUpload(ctx: Context<UserActor>, input: CreateUpload): Promise<CreatedUpload> {
  const name = parseFileName(input.name, 'file_name')
  const contentType = parseContentType(input.contentType, 'file_type')
  const { sizeBytes } = input
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1) throw invalidField('file_size', 'must be 1 or more')
  if (sizeBytes > ctx.ports.files.bytesMax) throw new AppError('file_too_large', 'file_size')

  const createdAt = ctx.now()
  const expiresAt = addMs(createdAt, UPLOAD_VALID_MS)
  const file = { id: ctx.newId(), uploaderUserId: ctx.actor.id, name, contentType, sizeBytes, createdAt, expiresAt }
  await ctx.db.insertInto('files').values(file).execute()
  const url = ctx.ports.files.uploadUrl({ fileId: file.id, contentType, sizeBytes, expiresAt })
  return { file: { ...file, completedAt: null }, url, expiresAt }
}
