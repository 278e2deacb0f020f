import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from './data-folder.ts'
import { errorCode, StartError } from './start-error.ts'

const SECRET_LENGTH_MIN = 32

/** The secret of a server that was given none: made in the data folder at its first start, and found there later. */
export async function openServerSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'secret')
  const kept = await readFile(path, 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (kept === undefined) return makeSecret(dataDir, path)
  const secret = kept.trim()
  // A new one would sign everybody out: somebody has to decide that.
  if (secret.length < SECRET_LENGTH_MIN) {
    throw new StartError(`${path} does not hold a secret: restore it, or remove it to sign everybody out.`)
  }
  return secret
}

async function makeSecret(dataDir: string, path: string): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await writeWhole(path, `${secret}\n`)
  return secret
}
