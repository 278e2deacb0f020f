import { after } from 'node:test'
import { createTestDatabase } from '../../server/src/testing/database.ts'
import { createServerProcess, type ServerProcess } from './server-process.ts'

/**
 * The real program for the tests of one file, stopped after them: on a database of its own in the run's PostgreSQL,
 * or on an embedded one where there is no run.
 */
export async function startTestServer(env: Record<string, string> = {}): Promise<ServerProcess> {
  const hasPostgres = Boolean(process.env.PARLANCE_TEST_DATABASE_URL)
  const database = hasPostgres ? await createTestDatabase() : undefined
  const server = await createServerProcess({ ...(database && { PARLANCE_DATABASE_URL: database.url }), ...env })
  after(async () => {
    await server.remove()
    await database?.drop()
  })
  await server.start()
  return server
}
