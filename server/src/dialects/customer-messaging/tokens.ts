import { Type } from 'typebox'
import { mintContactToken } from '../../core/contact-tokens/mint-contact-token.ts'
import { AppError, invalidField } from '../../core/errors.ts'
import type { CustomerMessagingApp } from './app.ts'
import { Id, parseId, presentId } from './ids.ts'
import { LiveMode, Seconds, toSeconds } from './present.ts'

/** @see docs/api/customer-messaging-socket.md#tokens */
export function registerTokenRoutes(app: CustomerMessagingApp): void {
  app.post('/api/v1/tokens', { schema: schemas.create }, async ({ clientCtx, body }, reply) => {
    const contactId = parseId('customer', body.customer_uuid, 'customer_uuid')
    const conversationIds = body.channels?.map((id, i) => parseId('channel', id, `channels.${i}`)) ?? null
    const { token, expiresAt } = await mint()
    return reply.code(201).send({
      object: 'token' as const,
      token,
      customer: presentId('customer', contactId),
      channels: conversationIds?.map((id) => presentId('channel', id)) ?? null,
      expires_at: toSeconds(expiresAt),
      created: toSeconds(clientCtx.now()),
      livemode: clientCtx.actor.isLive,
    })

    async function mint() {
      try {
        return await mintContactToken(clientCtx, {
          contactId,
          conversationIds,
          ...(body.ttl !== undefined && { ttlS: body.ttl }),
        })
      } catch (error) {
        throw inFields(error)
      }
    }
  })
}

/** Here the customer and the channels are fields of the body. */
function inFields(error: unknown): unknown {
  if (!(error instanceof AppError)) return error
  if (error.code === 'contact_not_found') return invalidField('customer_uuid', 'is not a customer of yours')
  if (error.code !== 'conversation_not_found') return error
  const field = error.param?.replace('conversation_ids', 'channels') ?? 'channels'
  return invalidField(field, 'is not a channel of this customer')
}

const schemas = {
  create: {
    operationId: 'createToken',
    summary: 'Make a short-lived token with which a customer follows its channels over /ws/customers',
    tags: ['Tokens'],
    body: Type.Object({
      customer_uuid: Id('customer', 'Whose token it is.'),
      channels: Type.Optional(
        Type.Array(Id('channel', 'One that the customer is in.'), {
          maxItems: 100,
          description: 'The only channels that it opens; all of the customer’s unless said, also later ones.',
        }),
      ),
      ttl: Type.Optional(
        Type.Integer({
          minimum: 60,
          maximum: 86_400,
          default: 3_600,
          description: 'How long it works, in seconds.',
        }),
      ),
    }),
    response: {
      201: Type.Object(
        {
          object: Type.Literal('token'),
          token: Type.String({ description: 'For the customer’s browser. Shown only now, and not kept.' }),
          customer: Id('customer', 'Whose token it is.'),
          channels: Type.Unsafe<string[] | null>({
            type: ['array', 'null'],
            items: { type: 'string' },
            description: 'The channels that it opens; null for all.',
          }),
          expires_at: Seconds('When it ends.'),
          created: Seconds('When it was made.'),
          livemode: LiveMode,
        },
        { description: 'A token of a customer.' },
      ),
    },
  },
}
