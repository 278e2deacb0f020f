import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** A file of SendGrid's public contracts. Skips the test where PARLANCE_CONTRACTS does not say where they are. */
export async function readSendgridContract(t: TestContext, path: string): Promise<Buffer | undefined> {
  const folder = process.env.PARLANCE_CONTRACTS
  if (folder) return readFile(join(folder, 'sendgrid', path))
  t.skip('PARLANCE_CONTRACTS does not say where the providers’ contracts are')
  return undefined
}
