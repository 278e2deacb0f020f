import { createHash } from 'node:crypto'
import { hash, parseOptions, verify } from '@node-rs/bcrypt'

/** Keeps passwords as bcrypt hashes, each with a salt of its own. */
export function createPasswordHash({ cost }: { cost: number }) {
  // Its salt and digest are nobody's: looking at it takes as long as at a real one, and finds nothing.
  const nobodys = `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
  return {
    hash: (password: string): Promise<string> => hash(condense(password), { cost }),
    /** Takes as long where there is no hash. */
    async verify(password: string, passwordHash: string | null): Promise<boolean> {
      const isRight = await verify(condense(password), passwordHash ?? nobodys)
      return isRight && passwordHash !== null
    },
    /** Whether it was made with another cost than a new one would be. */
    isOutdated(passwordHash: string): boolean {
      try {
        return parseOptions(passwordHash).cost !== cost
      } catch {
        // Not a hash at all: nothing verifies against it, and there is nothing to make anew.
        return false
      }
    },
  }
}

const BCRYPT_BYTES_MAX = 72

/**
 * bcrypt ignores what comes after the 72nd byte and stops at a zero byte, so it is given a digest of the whole password
 * as text. Normalised first: one keyboard sends é as one character, another as two.
 */
function condense(password: string): string {
  const digest = createHash('sha512').update(password.normalize('NFKC')).digest('base64')
  return digest.slice(0, BCRYPT_BYTES_MAX)
}
