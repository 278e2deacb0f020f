import { AppError, type FieldProblems } from './errors.ts'

/** Reads all the fields of a request, and refuses with the problems of all that are wrong rather than of the first. */
export function parseFields<Fields extends Record<string, unknown>>(
  parsers: {
    [Field in keyof Fields]: () => Fields[Field]
  },
): Fields {
  const problems: FieldProblems = {}
  const fields: Partial<Fields> = {}
  for (const field in parsers) {
    try {
      fields[field] = parsers[field]()
    } catch (error) {
      if (!(error instanceof AppError) || error.fields === undefined) throw error
      Object.assign(problems, error.fields)
    }
  }
  if (Object.keys(problems).length > 0) throw new AppError('invalid_request', { fields: problems })
  return fields as Fields
}
