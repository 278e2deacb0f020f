import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, rateLimitsOf } from '../config.ts'
import { silentLogger } from '../platform/log.ts'
import { openRuntime } from '../runtime.ts'
import { createTimelines, type Timelines } from './timelines.ts'

/** A node beside a server that runs: through it people outside write, and reports come, without a carrier. */
export async function openSideNode(databaseUrl: string): Promise<Timelines & { close(): Promise<void> }> {
  const runtime = await openRuntime({
    databaseUrl,
    log: silentLogger,
    connectionsMax: 4,
    secret: 'not that of the server, whose tokens and URLs it does not make',
    bcryptCost: 4,
    limits: rateLimitsOf(loadConfig({}, 'start')),
    publicUrl: () => 'https://parlance.test',
    filesFolder: join(tmpdir(), 'parlance-side-node'),
    fileBytesMax: 1,
    webhookAllowPrivate: [],
  })
  return { ...createTimelines(runtime.core), close: () => runtime.close() }
}
