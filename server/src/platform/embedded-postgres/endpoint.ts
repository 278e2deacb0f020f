import { createServer } from 'node:net'
import pg from 'pg'
import type { OsUser } from './os-user.ts'
import { makeRunFolder, removeRunFolder, renewRunFolder } from './run-folder.ts'

/** Where a server listens: a folder that holds its Unix socket or, on Windows, the loopback address. */
export interface Endpoint {
  host: string
  port: number
}

/** PostgreSQL's own name for the cluster's owner, and the name of the database. */
export const ROLE = 'parlance'
export const DATABASE = 'parlance'

const CONNECT_TIMEOUT_MS = 10_000

export async function makeEndpoint(user: OsUser | undefined): Promise<Endpoint> {
  if (process.platform === 'win32') return { host: '127.0.0.1', port: await findFreePort() }
  return { host: await makeRunFolder(user), port: 5432 }
}

/** Makes it usable again after a crash; clients find the new server where the old one was. */
export async function renewEndpoint({ host }: Endpoint, user: OsUser | undefined): Promise<void> {
  if (host.startsWith('/')) await renewRunFolder(host, user)
}

export async function removeEndpoint({ host }: Endpoint): Promise<void> {
  if (host.startsWith('/')) await removeRunFolder(host)
}

export function presentUrl({ host, port }: Endpoint, password: string): string {
  return `postgresql://${ROLE}:${encodeURIComponent(password)}@${encodeURIComponent(host)}:${port}/${DATABASE}`
}

export async function connect(endpoint: Endpoint, password: string, database: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...endpoint,
    user: ROLE,
    password,
    database,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  // A server that goes away is noticed by the query that fails; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  return client
}

async function findFreePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('A listening socket has no port.')
  return address.port
}
