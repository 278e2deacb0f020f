import { addressKey } from '../limits/address-key.ts'
import type { RateLimits } from '../limits/rate-limits.ts'
import { Turnstile } from '../turnstile.ts'

/** How passwords are kept. */
export type PasswordHash = {
  hash(password: string): Promise<string>
  /** Takes as long where there is no hash. */
  verify(password: string, passwordHash: string | null): Promise<boolean>
  /** Whether it was made with other settings than a new one would be. */
  isOutdated(passwordHash: string): boolean
}

export type PasswordCheck = {
  /** Null where there is no such account: takes as long, and is never right. */
  passwordHash: string | null
  /** What names the account to whoever signs in. */
  account: string
  address: string | null
}

// Hashing takes the threads that reading files needs too: half of them stay free.
const AT_ONCE = 2
const LINE_MAX = 1_000

/** Hashes and checks passwords, a few at a time, and stops those who guess. */
export class Passwords {
  readonly #passwordHash: PasswordHash
  readonly #limits: RateLimits
  readonly #turnstile = new Turnstile({ atOnce: AT_ONCE, lineMax: LINE_MAX })

  constructor({ passwordHash, limits }: { passwordHash: PasswordHash; limits: RateLimits }) {
    this.#passwordHash = passwordHash
    this.#limits = limits
  }

  hash(password: string): Promise<string> {
    return this.#turnstile.pass(() => this.#passwordHash.hash(password))
  }

  isOutdated(passwordHash: string): boolean {
    return this.#passwordHash.isOutdated(passwordHash)
  }

  /**
   * Whether it is the account's password. Wrong ones are counted, by account and by address; when there were too many,
   * it throws `rate_limited` without looking. A right one clears the account.
   */
  async verify(password: string, { passwordHash, account, address }: PasswordCheck): Promise<boolean> {
    const keys = { account: account.toLowerCase(), address: addressKey(address) }
    await this.#requireRoom(keys)
    return this.#turnstile.pass(async () => {
      // Those before it in line may have used up the tries: a thousand guesses at once are no more than one by one.
      await this.#requireRoom(keys)
      const isRight = await this.#passwordHash.verify(password, passwordHash)
      if (isRight) await this.#limits.clear('signInFailures', keys.account)
      else {
        await this.#limits.count('signInFailuresPerAddress', keys.address)
        await this.#limits.count('signInFailures', keys.account)
      }
      return isRight
    })
  }

  async #requireRoom({ account, address }: { account: string; address: string }): Promise<void> {
    await this.#limits.requireRoom('signInFailuresPerAddress', address)
    await this.#limits.requireRoom('signInFailures', account)
  }
}
