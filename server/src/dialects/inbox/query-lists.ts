import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { invalidField } from '../../core/errors.ts'
import { isUuid } from '../../core/uuid.ts'

// What URLs can carry; a list that is longer is asked for in parts.
const IDS_MAX = 100

/** Ids in a query: `ids=a&ids=b`, `ids[]=a&ids[]=b`, `ids=a,b`, or any of these together. */
export const IdList = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ maxLength: IDS_MAX * 40 }), {
      maxItems: IDS_MAX,
      description: `${description} Up to ${IDS_MAX} ids, repeated or separated by commas.`,
    }),
  )

/** Reads such a list once its schema has checked it. */
export function readIdList(values: string[] | undefined, field: string): string[] {
  const texts = (values ?? []).flatMap((value) => value.split(',')).map((text) => text.trim().toLowerCase())
  const ids = [...new Set(texts.filter((text) => text !== ''))]
  const wrong = ids.findIndex((id) => !isUuid(id))
  if (wrong >= 0) throw invalidField(field, `must be ids: number ${wrong + 1} is none`)
  if (ids.length > IDS_MAX) throw invalidField(field, `must have at most ${IDS_MAX} ids`)
  return ids
}

/** Takes `name[]` and `name[0]` for `name` in the queries of the routes that are added to `app` after it. */
export function addQueryLists(app: FastifyInstance): void {
  app.addHook('preValidation', (req, _reply, done) => {
    const given = req.query as Record<string, unknown>
    if (Object.keys(given).some((name) => BRACKETS.test(name))) req.query = withoutBrackets(given)
    done()
  })
}

const BRACKETS = /\[\d*\]$/

function withoutBrackets(query: Record<string, unknown>): Record<string, unknown> {
  const lists = new Map<string, unknown[]>()
  for (const [key, value] of Object.entries(query)) {
    const name = key.replace(BRACKETS, '')
    lists.set(name, [...(lists.get(name) ?? []), ...[value].flat()])
  }
  return Object.fromEntries([...lists].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}
