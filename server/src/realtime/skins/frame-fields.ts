import { AppError, type FieldProblems } from '../../core/errors.ts'
import type { RequestId } from '../protocol.ts'

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const TEXT_LENGTH_MAX = 40_000
const REQUEST_ID_LENGTH_MAX = 64
const LIST_MAX = 10

/** The fields of a client's frame, read one by one; `done` refuses all that were wrong at once. */
export class FrameFields {
  readonly #fields: Record<string, unknown>
  readonly #problems: FieldProblems = {}

  constructor(fields: unknown) {
    this.#fields = isObject(fields) ? fields : {}
  }

  id(name: string): string {
    return this.optionalId(name) ?? this.#wrong(name, 'is required', '')
  }

  optionalId(name: string): string | null {
    const value = this.#fields[name] ?? null
    if (value === null) return null
    // In the form that the database gives: streams are found by it.
    return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : this.#wrong(name, 'is not an id', null)
  }

  /** An id that may be written with one of these prefixes before it. */
  prefixedId(name: string, prefixes: readonly string[]): string {
    const value = this.#fields[name] ?? null
    if (value === null) return this.#wrong(name, 'is required', '')
    if (typeof value !== 'string') return this.#wrong(name, 'is not an id', '')
    const bare = value.slice(prefixes.find((prefix) => value.startsWith(prefix))?.length ?? 0)
    return UUID.test(bare) ? bare.toLowerCase() : this.#wrong(name, 'is not an id', '')
  }

  text(name: string): string {
    return this.optionalText(name, TEXT_LENGTH_MAX) ?? this.#wrong(name, 'is required', '')
  }

  optionalText(name: string, lengthMax: number): string | null {
    const value = this.#fields[name] ?? null
    if (value === null) return null
    if (typeof value !== 'string') return this.#wrong(name, 'is not a text', null)
    return value.length <= lengthMax ? value : this.#wrong(name, `is longer than ${lengthMax} characters`, null)
  }

  optionalCount(name: string): number | null {
    const value = this.#fields[name] ?? null
    if (value === null) return null
    const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    return isCount ? value : this.#wrong(name, 'is not a whole number of 0 or more', null)
  }

  ids(name: string): string[] {
    const value = this.#fields[name] ?? []
    if (!Array.isArray(value) || value.length > LIST_MAX)
      return this.#wrong(name, `is not a list of up to ${LIST_MAX} ids`, [])
    const isIds = value.every((one): one is string => typeof one === 'string' && UUID.test(one))
    return isIds ? value.map((id) => id.toLowerCase()) : this.#wrong(name, 'holds something that is not an id', [])
  }

  done<T>(value: T): T {
    if (Object.keys(this.#problems).length > 0) throw new AppError('invalid_request', { fields: this.#problems })
    return value
  }

  #wrong<T>(name: string, problem: string, instead: T): T {
    this.#problems[name] ??= [problem]
    return instead
  }
}

/** What a client calls its request, so that it finds the answer. */
export function readRequestId({ id }: Record<string, unknown>): RequestId | null {
  if (typeof id === 'number' && Number.isFinite(id)) return id
  return typeof id === 'string' && id.length <= REQUEST_ID_LENGTH_MAX ? id : null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
