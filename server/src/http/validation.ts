import { Ajv, type ErrorObject, type FuncKeywordDefinition } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import type { TSchema } from 'typebox'
import { type FieldProblems, IS_REQUIRED } from '../core/errors.ts'

/**
 * Checks requests against their schemas. Query strings and paths are text, so there numbers and booleans are read
 * from it; a body says what it means, so `"5"` is not 5. Unknown fields are ignored.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<TSchema> {
  const options = { allErrors: true, useDefaults: true, strict: false }
  const forBodies = new Ajv({ ...options, coerceTypes: false })
  const forText = new Ajv({ ...options, coerceTypes: 'array' })
  addFormats.default(forBodies)
  addFormats.default(forText)
  for (const ajv of [forBodies, forText]) ajv.addKeyword(LOWER_CASED)
  return ({ schema, httpPart }) => (httpPart === 'body' ? forBodies : forText).compile(lowerCaseIds(schema))
}

type Place = { parentData: Record<string | number, unknown>; parentDataProperty: string | number }

const LOWER_CASED: FuncKeywordDefinition = {
  keyword: 'isLowerCased',
  schema: false,
  modifying: true,
  errors: false,
  validate: (value: unknown, place?: Place) => {
    if (typeof value === 'string' && place) place.parentData[place.parentDataProperty] = value.toLowerCase()
    return true
  },
}

/**
 * Ids may be written with capital letters, as some clients do, but past this point each has one spelling: what is
 * remembered or announced under an id must be found under it again.
 */
function lowerCaseIds<Schema>(schema: Schema): Schema {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map(lowerCaseIds) as Schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, lowerCaseIds(value)]))
  return (copy.format === 'uuid' ? { ...copy, isLowerCased: true } : copy) as Schema
}

const PROBLEMS_MAX = 50

/** The problems that a validation error names, by field: `attachments.0` for an array's member. */
export function listFieldProblems(error: Error): FieldProblems {
  const problems: FieldProblems = {}
  const validation = 'validation' in error && Array.isArray(error.validation) ? error.validation : []
  for (const problem of (validation as FastifySchemaValidationError[]).slice(0, PROBLEMS_MAX)) {
    const field = fieldOf(problem)
    const text = describe(problem)
    if (problems[field] === undefined) problems[field] = [text]
    else if (!problems[field].includes(text)) problems[field].push(text)
  }
  return problems
}

function fieldOf({ instancePath, keyword, params }: FastifySchemaValidationError): string {
  const path = instancePath.split('/').slice(1)
  if (keyword === 'required' && typeof params.missingProperty === 'string') path.push(params.missingProperty)
  return path.join('.') || 'body'
}

function describe(problem: FastifySchemaValidationError): string {
  const { keyword, params } = problem as ErrorObject
  switch (keyword) {
    case 'required':
      return IS_REQUIRED
    case 'type':
      return `must be ${article(String(params.type))}`
    case 'format':
      return FORMATS[String(params.format)] ?? `must be a valid ${String(params.format)}`
    case 'minLength':
      return Number(params.limit) === 1 ? 'must not be empty' : `must have at least ${params.limit} characters`
    case 'maxLength':
      return `must have at most ${params.limit} characters`
    case 'minItems':
      return `must have at least ${params.limit} items`
    case 'maxItems':
      return `must have at most ${params.limit} items`
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`
    default:
      return problem.message ?? 'is not valid'
  }
}

const FORMATS: Record<string, string> = {
  uuid: 'must be a UUID',
  email: 'must be an email address',
  'date-time': 'must be a time such as 2026-01-31T09:30:00Z',
}

function article(types: string): string {
  const names = types
    .split(',')
    .map((type) => (type === 'null' ? type : `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`))
  return names.join(' or ')
}
