import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** A JSON file of the providers' public contracts. Skips the test where PARLANCE_CONTRACTS does not say where they are. */
export async function readContract<T>(t: TestContext, path: string): Promise<T | undefined> {
  const folder = process.env.PARLANCE_CONTRACTS
  if (folder) return JSON.parse(await readFile(join(folder, path), 'utf8')) as T
  t.skip('PARLANCE_CONTRACTS does not say where the providers’ contracts are')
  return undefined
}
