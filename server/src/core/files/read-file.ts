import type { Readable } from 'node:stream'
import { type ByteRange, StorageError } from '../../platform/storage/storage.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { findStored } from './queries.ts'
import type { StoredFile } from './schema.ts'

export type ReadFile = { fileId: string }

export type OpenedFile = {
  file: StoredFile
  sha256: Buffer
  read(range?: ByteRange): Promise<Readable>
}

/** Opens a complete file. Whoever calls it has checked the download URL. */
export async function readFile(ctx: Context, { fileId }: ReadFile): Promise<OpenedFile> {
  const stored = await findStored(ctx.db, { fileId, at: ctx.now() })
  if (stored === undefined) throw new AppError('file_not_found')
  const { sha256, storageKey, ...file } = stored
  return {
    file,
    sha256,
    async read(range) {
      try {
        return await ctx.ports.storage.read(storageKey, range)
      } catch (error) {
        if (!(error instanceof StorageError) || error.problem !== 'missing') throw error
        ctx.log.error({ err: error, file_id: fileId }, 'the bytes of a file are missing')
        throw new AppError('file_not_found', { cause: error })
      }
    },
  }
}
