import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { generateConfig } from './generate/config.ts'
import { generateDatabaseTypes } from './generate/database-types.ts'
import { generateErrors } from './generate/errors.ts'
import { generateEvents } from './generate/events.ts'
import { generateOpenApi } from './generate/openapi.ts'
import { startTestPostgres } from './test-postgres.ts'

const ROOT = new URL('..', import.meta.url)

/** Makes a database of its own for the generator that asks. */
type NewDatabase = () => Promise<string>
type Generated = { path: string; make(newDatabase: NewDatabase): Promise<string> }

const GENERATED: Generated[] = [
  {
    path: 'server/src/platform/database/schema.generated.ts',
    make: async (newDatabase) => generateDatabaseTypes(await newDatabase()),
  },
  { path: 'docs/errors.md', make: generateErrors },
  { path: 'docs/config.md', make: generateConfig },
  { path: 'docs/events.md', make: generateEvents },
  {
    path: 'docs/openapi/team-chat.json',
    make: async (newDatabase) => generateOpenApi(await newDatabase(), 'team-chat'),
  },
  {
    path: 'docs/openapi/customer-messaging.json',
    make: async (newDatabase) => generateOpenApi(await newDatabase(), 'customer-messaging'),
  },
  {
    path: 'docs/openapi/inbox.json',
    make: async (newDatabase) => generateOpenApi(await newDatabase(), 'inbox'),
  },
]

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
process.exitCode = await generate(values.check)

/** Writes the generated files, or with `isCheck` only says which of them are not what would be written. */
async function generate(isCheck: boolean): Promise<number> {
  const postgres = await startTestPostgres('embedded')
  if (postgres === undefined) throw new Error('The embedded PostgreSQL is not installed.')
  let count = 0
  const newDatabase = () => createDatabase(postgres.url, `generate_${++count}`)
  const stale: string[] = []
  try {
    for (const { path, make } of GENERATED) {
      const text = await make(newDatabase)
      const url = new URL(path, ROOT)
      if (text === (await readFile(url, 'utf8').catch(() => undefined))) continue
      stale.push(path)
      if (isCheck) continue
      await mkdir(new URL('.', url), { recursive: true })
      await writeFile(url, text)
    }
  } finally {
    await postgres.stop()
  }
  for (const path of stale) console.log(isCheck ? `${path} is out of date: run \`npm run generate\`` : `wrote ${path}`)
  return isCheck && stale.length > 0 ? 1 : 0
}

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(`create database ${name}`)
  } finally {
    await client.end()
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
