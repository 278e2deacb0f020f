import { AppError } from '../errors.ts'
import { hasMark, mayBe } from './content-match.ts'
import { isRefused, isTextual } from './content-type.ts'

// Enough for every mark at a file's beginning, and for the first entries of an archive.
const SAMPLE_BYTES = 16_384

/**
 * Hands the bytes on while checking them against the announced type: `file_type_mismatch` where they contradict it,
 * `file_type_refused` where they are a program. Text has no mark at its beginning (`BMW` would be a picture): it is
 * what is all UTF-8 without U+0000.
 */
export function checkContent(bytes: AsyncIterable<Uint8Array>, contentType: string): AsyncIterable<Uint8Array> {
  return isTextual(contentType) ? checkText(bytes) : checkMark(bytes, contentType)
}

async function* checkText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of bytes) {
    if (chunk.includes(0)) throw new AppError('file_type_mismatch')
    requireUtf8(() => decoder.decode(chunk, { stream: true }))
    yield chunk
  }
  requireUtf8(() => decoder.decode())
}

function requireUtf8(decode: () => string) {
  try {
    decode()
  } catch (error) {
    throw new AppError('file_type_mismatch', { cause: error })
  }
}

async function* checkMark(bytes: AsyncIterable<Uint8Array>, contentType: string): AsyncGenerator<Uint8Array> {
  let sample: Uint8Array[] | undefined = []
  let sampleBytes = 0
  for await (const chunk of bytes) {
    if (sample !== undefined) {
      sample.push(chunk)
      sampleBytes += chunk.length
      if (sampleBytes >= SAMPLE_BYTES) {
        await requireMark(Buffer.concat(sample), contentType)
        sample = undefined
      }
    }
    yield chunk
  }
  if (sample !== undefined) await requireMark(Buffer.concat(sample), contentType)
}

async function requireMark(sample: Buffer, contentType: string): Promise<void> {
  // Loaded on first use: it takes longer to load than all else that a start needs.
  const { fileTypeFromBuffer, supportedMimeTypes } = await import('file-type')
  const found = await fileTypeFromBuffer(sample, { mpegOffsetTolerance: 10, maxBufferSize: 1_048_576 })
  const isKnown = (type: string) => supportedMimeTypes.has(type)
  const detected = found?.mime.toLowerCase().replace(/;.*/, '')
  if (detected === undefined) {
    if (hasMark(contentType, isKnown)) throw new AppError('file_type_mismatch')
    return
  }
  if (isRefused(detected)) throw new AppError('file_type_refused')
  if (!mayBe(contentType, detected, isKnown)) throw new AppError('file_type_mismatch')
}
