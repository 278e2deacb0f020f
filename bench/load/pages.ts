import type { CpuProcesses } from './cpu.ts'
import { getJson } from './dialect.ts'
import { drive, type Measured, type Pace } from './drive.ts'
import { encodeRequest, HttpConnection } from './http-connection.ts'
import { parseNumber } from './ledger.ts'
import { type HistoryPage, historyPath } from './team-chat.ts'

export type PagesTask = {
  kind: 'pages'
  port: number
  cpu: CpuProcesses
  pace: Pace
  /** `latest` asks for each channel's newest page, `older` for all pages but that one, in a scattered order. */
  which: 'latest' | 'older'
  channels: { id: string; token: string }[]
}

export type PagesResult = { measured: Measured; pageBytes: number; pages: number; wrongPages: number }

type KnownPage = { path: string; token: string; bytes: number }

const LIMIT = 50
const PAGES_MAX = 10_000

/** Reads history pages. Each page is read once and checked beforehand; under load its length must be the same. */
export async function runPages(task: PagesTask): Promise<PagesResult> {
  const { latest, older, wrongPages } = await collectPages(task)
  const pages = task.which === 'latest' ? latest : scatter(older)
  const requests = pages.map(({ path, token }) => encodeRequest({ method: 'GET', path, token }))
  const current = new Array<number>(task.pace.lanes).fill(0)
  let turn = 0
  const measured = await drive(
    {
      next(lane) {
        const at = turn++ % requests.length
        current[lane] = at
        return requests[at]!
      },
      settle: (lane, status, body) => status === 200 && body.length === pages[current[lane]!]!.bytes,
    },
    task,
  )
  const pageBytes = Math.round(pages.reduce((sum, page) => sum + page.bytes, 0) / pages.length)
  return { measured, pageBytes, pages: pages.length, wrongPages }
}

async function collectPages({ port, channels }: PagesTask) {
  const connection = await HttpConnection.open(port)
  const latest: KnownPage[] = []
  const older: KnownPage[] = []
  let wrongPages = 0
  for (const { id, token } of channels) {
    let cursor: string | null = null
    let previous: number | undefined
    do {
      const path = historyPath(id, LIMIT, cursor)
      const { page, bytes }: { page: HistoryPage; bytes: number } = await getJson(connection, { path, token })
      const numbers = page.data.map((message) => parseNumber(message.body))
      if (!followsDown(numbers, previous)) wrongPages++
      const into = cursor === null ? latest : older
      into.push({ path, token, bytes })
      previous = numbers.at(-1)
      cursor = page.next_cursor
    } while (cursor !== null && older.length < PAGES_MAX)
    // The channels were filled in the order of the numbers, from 0.
    if (previous !== 0) wrongPages++
  }
  connection.close()
  return { latest, older, wrongPages }
}

function followsDown(numbers: number[], previous: number | undefined): boolean {
  return numbers.every((number, i) => {
    const above = i === 0 ? previous : numbers[i - 1]
    return above === undefined || number === above - 1
  })
}

/** A fixed order without neighbours, so that no page profits from the one before. */
function scatter<T>(items: T[]): T[] {
  let step = Math.max(1, Math.floor(items.length * 0.618))
  while (greatestCommonDivisor(step, items.length) !== 1) step++
  return items.map((_, i) => items[(i * step) % items.length]!)
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
