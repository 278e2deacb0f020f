import { createHash, randomBytes } from 'node:crypto'
import { addMs } from '../../platform/clock.ts'
import { StorageError } from '../../platform/storage/storage.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import type { Attachment } from '../messages/schema.ts'
import { parseContentType } from './content-type.ts'
import { parseFileName } from './file-name.ts'
import { completeUpload } from './queries.ts'

// How long a message may take it.
const UNUSED_KEPT_MS = 24 * 60 * 60 * 1000

export type KeepFile = {
  name: string
  contentType: string
  bytes: AsyncIterable<Uint8Array> | Uint8Array
  /** Whose upload it is; null for what came from outside. */
  uploaderUserId: string | null
}

/**
 * Keeps a file that came whole, with a message or in a request. A name or a type that cannot be used becomes a plain one: it
 * is only ever downloaded. Throws `file_too_large` and `storage_full`; then nothing is kept.
 */
export async function keepFile(ctx: Context, { bytes, uploaderUserId, ...given }: KeepFile): Promise<Attachment> {
  const { bytesMax } = ctx.ports.files
  const id = ctx.newId()
  const name = orElse(() => parseFileName(given.name, 'name'), 'file')
  const contentType = orElse(() => parseContentType(given.contentType, 'type'), 'application/octet-stream')
  const storageKey = `${id}-${randomBytes(8).toString('hex')}`
  const createdAt = ctx.now()
  const expiresAt = addMs(createdAt, UNUSED_KEPT_MS)
  // Written down before the bytes are, so that no crash leaves bytes that nobody knows of.
  const row = { id, uploaderUserId, name, contentType, sizeBytes: 0, storageKey, createdAt, expiresAt }
  await ctx.db.insertInto('files').values(row).execute()
  const hash = createHash('sha256')
  let sizeBytes = 0
  async function* counted() {
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      sizeBytes += chunk.length
      hash.update(chunk)
      yield chunk
    }
  }
  await ctx.ports.storage.write(storageKey, counted(), bytesMax).catch((error) => {
    throw toRefusal(error)
  })
  await ctx.db.updateTable('files').set({ sizeBytes }).where('id', '=', id).execute()
  await completeUpload(ctx.db, { fileId: id, storageKey, sha256: hash.digest(), completedAt: ctx.now(), expiresAt })
  return { fileId: id, name, contentType, sizeBytes }
}

function toRefusal(error: unknown): unknown {
  if (!(error instanceof StorageError)) return error
  if (error.problem === 'full') return new AppError('storage_full', { cause: error, retryAfterMs: 60_000 })
  return error.problem === 'too_large' ? new AppError('file_too_large', { cause: error }) : error
}

function orElse(parse: () => string, plain: string): string {
  try {
    return parse()
  } catch (error) {
    if (error instanceof AppError) return plain
    throw error
  }
}
