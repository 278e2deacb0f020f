import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from './data-folder.ts'
import { errorCode, StartError } from './start-error.ts'

const FILE = 'secret'
const LENGTH_MIN = 32

/** The secret of a server that was given none: made once and kept in its data folder, for its owner's eyes only. */
export async function readOrMakeSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, FILE)
  try {
    const secret = (await readFile(path, 'utf8')).trim()
    if (secret.length >= LENGTH_MIN) return secret
    throw new StartError(`${path} is damaged: remove it to have a new one made, which signs everybody out.`)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  const secret = randomBytes(32).toString('base64url')
  await writeWhole(path, `${secret}\n`)
  return secret
}
