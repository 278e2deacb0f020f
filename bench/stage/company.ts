import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Credentials } from '../load/http-connection.ts'
import { call, inParallel } from './stage.ts'
import type { Target } from './targets.ts'

const PROGRAM = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))

/** An API client of Parlance with its customers, made as its administrator and its server would make them. */
export class Company {
  readonly credentials: Required<Credentials>
  readonly #target: Target
  readonly #customerIds: string[] = []
  #names = 0

  private constructor(target: Target, credentials: Required<Credentials>) {
    this.#target = target
    this.credentials = credentials
  }

  static async found(target: Target): Promise<Company> {
    const args = [PROGRAM, 'client', 'create', '--name', 'Bench', '--domain', 'bench.example', '--json']
    const { PATH, HOME, TMPDIR } = process.env
    const env = { PATH, HOME, TMPDIR, PARLANCE_DATABASE_URL: target.databaseUrl }
    const { stdout } = await promisify(execFile)(process.execPath, args, { env })
    const { token, public_key: publicKey } = JSON.parse(stdout)
    return new Company(target, { token, publicKey })
  }

  /** The ids of its first so many customers. */
  async customers(count: number): Promise<string[]> {
    const missing = Array.from({ length: Math.max(0, count - this.#customerIds.length) }, () => this.#names++)
    const added = await inParallel(missing, (i) =>
      this.#post('/api/v1/customers', { name: `Customer ${i}`, email: `customer${i}@bench.example` }),
    )
    this.#customerIds.push(...added)
    return this.#customerIds.slice(0, count)
  }

  /** A fresh channel between customers, two to five. */
  channel(customerIds: string[]): Promise<string> {
    const name = `bench-${this.#names++}`
    return this.#post('/api/v1/channels', { type: 'custom', name, customer_uuids: customerIds })
  }

  async #post(path: string, body: object): Promise<string> {
    const made = await call(this.#target, { ...this.credentials, path, body })
    return made.id
  }
}
