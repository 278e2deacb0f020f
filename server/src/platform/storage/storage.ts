import type { Readable } from 'node:stream'

/** Where the bytes of files are kept. A key is made by the core: letters, digits and `-`. */
export type StoragePort = {
  /**
   * Keeps the bytes under a new key, for good once it resolves. When it rejects, because the bytes end with an
   * error or are more than `bytesMax`, nothing is kept.
   */
  write(key: string, bytes: AsyncIterable<Uint8Array>, bytesMax: number): Promise<void>
  read(key: string, range?: ByteRange): Promise<Readable>
  /** A missing key is fine. */
  delete(key: string): Promise<void>
  exists(key: string): Promise<boolean>
}

/** Both ends are included. */
export type ByteRange = { start: number; end: number }

export type StorageProblem = 'missing' | 'full' | 'too_large'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly problem: StorageProblem

  constructor(problem: StorageProblem, cause?: unknown) {
    super(`storage: ${problem}`, { cause })
    this.problem = problem
  }
}
