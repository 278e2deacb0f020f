const WAIT_MS = 20_000
const PAUSE_MS = 15

/** Tries again until it does not throw; throws as the last try did where it never does. */
export async function eventually<T>(attempt: () => Promise<T> | T, waitMs = WAIT_MS): Promise<T> {
  const giveUpAt = performance.now() + waitMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > giveUpAt) throw error
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}
