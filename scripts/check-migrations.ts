import { readdir } from 'node:fs/promises'

const FOLDER = new URL('../server/migrations/', import.meta.url)

/** Migrations are numbered 0001, 0002, … without a gap or a repeat, so that everybody applies them in one order. */
export async function checkMigrations(): Promise<{ isGood: boolean; output: string }> {
  const names = (await readdir(FOLDER)).sort()
  const problems = names.flatMap((name, i) => {
    const number = String(i + 1).padStart(4, '0')
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name)) return [`${name} is not named like 0001_what_it_does.sql`]
    return name.startsWith(`${number}_`) ? [] : [`${name} stands where number ${number} is due`]
  })
  return { isGood: problems.length === 0, output: problems.join('\n') }
}
