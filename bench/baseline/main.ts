import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { buildBaseline } from './app.ts'

const { BASELINE_DATABASE_URL, BASELINE_PORT, BASELINE_BCRYPT_COST } = process.env

const pool = new pg.Pool({ connectionString: BASELINE_DATABASE_URL, max: 10 })
await pool.query(await readFile(new URL('./schema.sql', import.meta.url), 'utf8'))
const app = await buildBaseline({ pool, secret: crypto.randomUUID(), bcryptCost: Number(BASELINE_BCRYPT_COST ?? 10) })
await app.listen({ host: '127.0.0.1', port: Number(BASELINE_PORT ?? 0) })

process.once('SIGTERM', async () => {
  await app.close()
  await pool.end()
  process.exit(0)
})
