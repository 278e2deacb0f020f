import { createHash, type Hash, randomBytes } from 'node:crypto'
import { addMs } from '../../platform/clock.ts'
import { StorageError } from '../../platform/storage/storage.ts'
import type { Context } from '../context.ts'
import { AppError } from '../errors.ts'
import { checkContent } from './check-content.ts'
import { claimUpload, completeUpload, findFile } from './queries.ts'
import type { StoredFile } from './schema.ts'

// How long a message may still take a file after its bytes have arrived.
const UNUSED_KEPT_MS = 24 * 60 * 60 * 1000

export type ReceiveUpload = { fileId: string; bytes: AsyncIterable<Uint8Array> }

/**
 * Takes the bytes of an announced file, and checks their number and type on the way. Whoever calls it has checked the
 * upload URL. Of several at once the one that began last counts, so that a client whose connection broke can try
 * again at once. After a refusal nothing is kept.
 */
export async function receiveUpload(ctx: Context, { fileId, bytes }: ReceiveUpload): Promise<StoredFile> {
  const storageKey = `${fileId}-${randomBytes(8).toString('hex')}`
  const claim = await claimUpload(ctx.db, { fileId, storageKey, at: ctx.now() })
  if (claim === undefined) throw await explainRefusal(ctx, fileId)
  if (claim.replacedKey !== null) await ctx.ports.storage.delete(claim.replacedKey)

  const { file } = claim
  const hash = createHash('sha256')
  await store(ctx, storageKey, { file, bytes: checkContent(countBytes(bytes, file.sizeBytes, hash), file.contentType) })
  const completedAt = ctx.now()
  const completed = await completeUpload(ctx.db, {
    fileId,
    storageKey,
    sha256: hash.digest(),
    completedAt,
    expiresAt: addMs(completedAt, UNUSED_KEPT_MS),
  })
  if (completed !== undefined) return completed
  await ctx.ports.storage.delete(storageKey)
  throw new AppError('upload_replaced')
}

type Incoming = { file: StoredFile; bytes: AsyncIterable<Uint8Array> }

async function store(ctx: Context, storageKey: string, { file, bytes }: Incoming): Promise<void> {
  try {
    await ctx.ports.storage.write(storageKey, bytes, file.sizeBytes)
  } catch (error) {
    const isFull = error instanceof StorageError && error.problem === 'full'
    throw isFull ? new AppError('storage_full', { cause: error, retryAfterMs: 60_000 }) : error
  }
}

async function* countBytes(bytes: AsyncIterable<Uint8Array>, sizeBytes: number, hash: Hash) {
  let received = 0
  for await (const chunk of bytes) {
    received += chunk.length
    if (received > sizeBytes) throw new AppError('file_too_large')
    hash.update(chunk)
    yield chunk
  }
  if (received < sizeBytes) throw new AppError('file_size_mismatch')
}

async function explainRefusal(ctx: Context, fileId: string): Promise<AppError> {
  const file = await findFile(ctx.db, fileId)
  if (file === undefined) return new AppError('file_not_found')
  return new AppError(file.completedAt === null ? 'url_expired' : 'upload_already_complete')
}
