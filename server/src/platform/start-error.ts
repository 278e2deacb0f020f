/** A reason why Parlance cannot start, in one sentence that says what to do. Shown without a stack trace; the process exits with 1. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Turns what the file system refused into a sentence; anything else is given back as it came. */
export function explainFileError(error: unknown, path: string): unknown {
  if (error instanceof StartError) return error
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StartError(`The disk that holds ${path} is full: free some space, then start again.`, { cause: error })
    case 'EACCES':
    case 'EPERM':
      return new StartError(
        `Parlance may not write to ${path}: give this user the rights, or set PARLANCE_DATA_DIR to another folder.`,
        { cause: error },
      )
    case 'EROFS':
      return new StartError(`${path} is on a read-only disk: set PARLANCE_DATA_DIR to a folder that can be written.`, {
        cause: error,
      })
    case 'ENOTDIR':
    case 'EEXIST':
      return new StartError(`${path} is not a folder: set PARLANCE_DATA_DIR to one.`, { cause: error })
    default:
      return error
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
