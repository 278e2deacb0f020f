import { after } from 'node:test'
import { createTestDatabase } from '../../server/src/testing/database.ts'
import { openSideNode } from '../../server/src/testing/side-node.ts'
import { startTestServer } from '../harness/test-server.ts'

/** The real program, and beside it the people outside who write to a workspace and are written to. */
export async function startWithOutside(env: Record<string, string> = {}) {
  const database = await createTestDatabase()
  const server = await startTestServer({ PARLANCE_DATABASE_URL: database.url, ...env })
  const outside = await openSideNode(database.url)
  after(async () => {
    await outside.close()
    await database.drop()
  })
  return { url: server.url, outside }
}
