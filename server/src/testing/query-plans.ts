import pg from 'pg'

export type Recorded = { text: string; values: unknown[] }

const CHANGES = /\bfor (?:share|update)\b|\b(?:insert into|update \w+ \w* ?set|delete from)\b/i

/** Every statement that only reads and is sent until `stop`, whoever sends it. */
export function recordQueries() {
  const queries: Recorded[] = []
  const { query } = pg.Client.prototype
  pg.Client.prototype.query = function (
    this: pg.Client,
    config: string | Recorded,
    values?: unknown[],
    ...rest: unknown[]
  ) {
    const text = typeof config === 'string' ? config : config.text
    const given = (typeof config === 'string' ? values : config.values) ?? values ?? []
    if (/^\s*(?:select|with)\b/i.test(text) && !CHANGES.test(text)) queries.push({ text, values: given })
    return Reflect.apply(query, this, [config, values, ...rest])
  } as typeof query
  return {
    queries,
    stop: () => {
      pg.Client.prototype.query = query
    },
  }
}

export type Plan = {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

/** Runs a statement once more, and gives what each step of its plan did. */
export async function explain(pool: pg.Pool, { text, values }: Recorded): Promise<Plan> {
  const { rows } = await pool.query(`explain (analyze, format json) ${text}`, values)
  return rows[0]['QUERY PLAN'][0].Plan
}
