import { glob, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'

export const SUITES = ['quick', 'model', 'crash', 'large', 'browser', 'slow'] as const
export type Suite = (typeof SUITES)[number]

const FOLDERS = ['server/src', 'sdk/src', 'scripts', 'conformance', 'bench', 'examples']

// What fits in ten minutes on two cores; `npm run check` has the large one too.
const DEFAULT: readonly Suite[] = ['quick', 'model', 'crash']

type Choice = { paths: string[]; suites: Suite[] | undefined; isFull: boolean }

/** The test files to run: many quick ones at once, the heavy ones each by itself. */
export async function chooseTests(root: string, choice: Choice): Promise<{ quick: string[]; heavy: string[] }> {
  const { paths, suites, isFull } = choice
  const files = paths.length > 0 ? await findUnder(root, paths) : await findAll(root)
  const wanted = suites ?? (isFull || paths.length > 0 ? SUITES : DEFAULT)
  const chosen = files.filter((file) => wanted.includes(suiteOf(file))).sort()
  return {
    quick: chosen.filter((file) => suiteOf(file) === 'quick'),
    heavy: chosen.filter((file) => suiteOf(file) !== 'quick'),
  }
}

/** A file's suite stands in its name: `x.crash.test.ts`; a plain `x.test.ts` is quick. */
export function suiteOf(file: string): Suite {
  const name = /\.(\w+)\.test\.ts$/.exec(file)?.[1]
  return SUITES.find((suite) => suite === name) ?? 'quick'
}

async function findAll(root: string): Promise<string[]> {
  return Array.fromAsync(
    glob(
      FOLDERS.map((folder) => `${folder}/**/*.test.ts`),
      { cwd: root },
    ),
  )
}

async function findUnder(root: string, paths: string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const path of paths) {
    const full = resolve(process.env.INIT_CWD ?? process.cwd(), path)
    const entry = await stat(full)
    if (!entry.isDirectory()) found.add(relative(root, full))
    else for await (const file of glob('**/*.test.ts', { cwd: full })) found.add(relative(root, join(full, file)))
  }
  return [...found].map((file) => file.split(sep).join('/'))
}
