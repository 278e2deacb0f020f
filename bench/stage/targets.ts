import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchDatabase } from './database.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'

export const TARGETS = ['baseline', 'parlance'] as const
export type TargetName = (typeof TARGETS)[number]
export type Target = ServerProcess & { name: TargetName; databaseUrl: string }

const UNLIMITED = '1000000000'

/** Passwords are not measured: the cheapest hash lets a thousand people sign up in a second. */
const BCRYPT_COST = '4'

/** What Parlance runs with beyond its defaults: limits out of the way, and no demo workspace. */
export const PARLANCE_SETTINGS: Record<string, string> = {
  PARLANCE_BCRYPT_COST: BCRYPT_COST,
  PARLANCE_SEED: 'false',
  PARLANCE_LIMIT_REGISTERS_PER_HOUR: UNLIMITED,
  PARLANCE_LIMIT_SENDS: UNLIMITED,
  PARLANCE_LIMIT_REQUESTS: UNLIMITED,
  PARLANCE_LIMIT_CLIENT_READS: UNLIMITED,
  PARLANCE_LIMIT_CLIENT_WRITES: UNLIMITED,
}

type Options = {
  database: BenchDatabase
  outFolder: string
  /** The program that runs under the name; the baseline under both shows what the machine alone makes of a ratio. */
  program: TargetName
  nodeArgv: string[]
}

export async function startTarget(name: TargetName, options: Options): Promise<Target> {
  const { database, outFolder, program } = options
  const databaseUrl = await database.createDatabase(`bench_${name}`)
  const logFile = join(outFolder, `${name}.log`)
  const start = program === 'baseline' ? startBaseline : startParlance
  return { name, databaseUrl, ...(await start({ ...options, databaseUrl, logFile })) }
}

type Place = Options & { databaseUrl: string; logFile: string }

function startBaseline({ databaseUrl, logFile, nodeArgv }: Place): Promise<ServerProcess> {
  return startServerProcess({
    argv: [...nodeArgv, fromHere('../baseline/main.ts')],
    env: (port) => ({
      BASELINE_DATABASE_URL: databaseUrl,
      BASELINE_PORT: String(port),
      BASELINE_BCRYPT_COST: BCRYPT_COST,
    }),
    logFile,
  })
}

function startParlance({ database, databaseUrl, logFile, nodeArgv }: Place): Promise<ServerProcess> {
  return startServerProcess({
    argv: [...nodeArgv, fromHere('../../server/src/main.ts'), 'start'],
    env: (port) => ({
      ...PARLANCE_SETTINGS,
      PARLANCE_DATABASE_URL: databaseUrl,
      PARLANCE_PORT: String(port),
      PARLANCE_DATA_DIR: database.filesFolder,
      PARLANCE_SECRET: randomBytes(32).toString('hex'),
    }),
    logFile,
  })
}

function fromHere(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
