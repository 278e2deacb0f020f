import { buildApp } from '../../server/src/app.ts'
import { loadConfig, rateLimitsOf } from '../../server/src/config.ts'
import { migrate } from '../../server/src/platform/database/migrate.ts'
import { silentLogger } from '../../server/src/platform/log.ts'
import { openRuntime } from '../../server/src/runtime.ts'

/** A dialect's description, as the server gives it out. */
export async function generateOpenApi(databaseUrl: string, dialect: string): Promise<string> {
  await migrate(databaseUrl)
  const config = loadConfig({ PARLANCE_SECRET: 'only for this description, never for a server' }, 'start')
  const runtime = await openRuntime({
    databaseUrl,
    log: silentLogger,
    connectionsMax: 2,
    secret: config.secret!,
    bcryptCost: config.bcryptCost,
    limits: rateLimitsOf(config),
    publicUrl: () => 'http://127.0.0.1:3000',
    filesFolder: config.dataDir,
    fileBytesMax: config.limitFileBytes,
    webhookAllowPrivate: config.webhookAllowPrivate,
  })
  const { app, gateway } = await buildApp(config, runtime, { secret: config.secret! })
  try {
    const reply = await app.inject(`/openapi/${dialect}.json`)
    if (reply.statusCode !== 200) throw new Error(`/openapi/${dialect}.json answers ${reply.statusCode}`)
    return `${JSON.stringify(reply.json(), null, 2)}\n`
  } finally {
    gateway.close()
    await app.close()
    await runtime.close()
  }
}
