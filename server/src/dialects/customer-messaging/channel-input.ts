import { type Static, Type } from 'typebox'
import type { ClientActor } from '../../core/actor.ts'
import type { Context } from '../../core/context.ts'
import { createGeneralConversation } from '../../core/customer-conversations/create-general-conversation.ts'
import { openNamedConversation } from '../../core/customer-conversations/open-named-conversation.ts'
import type { CustomerConversation } from '../../core/customer-conversations/schema.ts'
import { AppError, type FieldProblems, IS_REQUIRED } from '../../core/errors.ts'
import { parseId } from './ids.ts'

const customer = Type.Optional(Type.String({ maxLength: 100, description: 'With the other: the two customers.' }))

export const ChannelInput = Type.Object({
  // Asked for below, so that what else is missing is named with it.
  type: Type.Optional(Type.Enum(['general', 'custom'], { description: 'Always needed.' })),
  name: Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: 'For a custom channel: 1–255 characters.' }),
  ),
  customer_uuids: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), { maxItems: 100, description: 'Two to five customers.' }),
  ),
  customer1_uuid: customer,
  customer2_uuid: customer,
})

type Input = Static<typeof ChannelInput>
type Named = { contactIds: string[]; fieldOf(field: string): string }

/** Makes the channel that a body asks for, and names what is wrong with it in the body's words. */
export async function createChannel(ctx: Context<ClientActor>, input: Input): Promise<CustomerConversation> {
  const { contactIds, fieldOf } = readCustomers(input)
  try {
    if (input.type === 'general') return await createGeneralConversation(ctx, { contactIds })
    return await openNamedConversation(ctx, { contactIds, name: input.name ?? '' })
  } catch (error) {
    throw inWords(error, fieldOf)
  }
}

/** The customers in either spelling; with a custom channel's missing name where that is wrong too. */
function readCustomers(input: Input): Named {
  const problems: FieldProblems = {}
  if (input.type === undefined) problems.type = [IS_REQUIRED]
  if (input.type === 'custom' && (input.name ?? '').trim() === '') problems.name = [IS_REQUIRED]
  const named = readSpelling(input, problems)
  if (Object.keys(problems).length > 0) throw new AppError('invalid_request', { fields: problems })
  return named
}

function readSpelling({ customer_uuids, customer1_uuid, customer2_uuid }: Input, problems: FieldProblems): Named {
  const isPair = customer_uuids === undefined && (customer1_uuid !== undefined || customer2_uuid !== undefined)
  const given: [string, string | undefined][] = isPair
    ? [
        ['customer1_uuid', customer1_uuid],
        ['customer2_uuid', customer2_uuid],
      ]
    : (customer_uuids ?? []).map((id, i) => [`customer_uuids.${i}`, id])
  if (!isPair && customer_uuids === undefined) problems.customer_uuids = [IS_REQUIRED]
  const contactIds: string[] = []
  for (const [field, text] of given) {
    try {
      if (text === undefined) problems[field] = [IS_REQUIRED]
      else contactIds.push(parseId('customer', text, field))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      Object.assign(problems, error.fields)
    }
  }
  const fields = given.map(([field]) => field)
  const fieldOf = (field: string) => {
    const place = /^contact_ids\.(\d+)$/.exec(field)?.[1]
    if (place !== undefined) return fields[Number(place)] ?? field
    return field === 'contact_ids' ? 'customer_uuids' : field
  }
  return { contactIds, fieldOf }
}

function inWords(error: unknown, fieldOf: Named['fieldOf']): unknown {
  if (!(error instanceof AppError)) return error
  const { code, fields, param, existingId } = error
  const renamed = fields && Object.fromEntries(Object.entries(fields).map(([field, texts]) => [fieldOf(field), texts]))
  return new AppError(code, {
    ...(renamed && { fields: renamed }),
    ...(param !== undefined && { param: fieldOf(param) }),
    ...(existingId !== undefined && { existingId }),
    cause: error,
  })
}
