import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

const GIVE_UP_MS = 120_000
const POLL_MS = 100

/** Waits until all that follows Parlance's log has taken in what stands there. */
export async function catchUp(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const giveUpAt = performance.now() + GIVE_UP_MS
  while (await isBehind(client)) {
    if (performance.now() > giveUpAt) throw new Error('What follows the log does not catch up.')
    await delay(POLL_MS)
  }
  await client.end()
}

async function isBehind(client: pg.Client): Promise<boolean> {
  const text = 'select min(position) < (select max(position) from events) as behind from log_readers'
  const { rows } = await client.query<{ behind: boolean | null }>(text)
  return rows[0]!.behind === true
}
