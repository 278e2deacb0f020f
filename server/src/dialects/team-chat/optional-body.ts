import { type Static, type TProperties, Type } from 'typebox'

/** A body that may be left out altogether. */
export function OptionalBody<Properties extends TProperties>(properties: Properties) {
  const object = Type.Partial(Type.Object(properties))
  return Type.Unsafe<Static<typeof object> | null>({ ...object, type: ['object', 'null'] })
}
