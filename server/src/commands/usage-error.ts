/** What is wrong with the words of a command, in one sentence. The process exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
