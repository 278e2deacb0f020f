import { Type } from 'typebox'
import { deleteCustomerConversation } from '../../core/customer-conversations/delete-customer-conversation.ts'
import { getCustomerConversation } from '../../core/customer-conversations/get-customer-conversation.ts'
import {
  listConversationsByPeer,
  listCustomerConversations,
} from '../../core/customer-conversations/list-customer-conversations.ts'
import { renameCustomerConversation } from '../../core/customer-conversations/rename-customer-conversation.ts'
import type { CustomerMessagingApp } from './app.ts'
import { GroupedChannels, presentGroups } from './channel-groups.ts'
import { ChannelInput, createChannel } from './channel-input.ts'
import { Id, parsePathId, presentId } from './ids.ts'
import { ListOf, presentList, readWindow, windowQuery } from './lists.ts'
import { ChannelObject, presentChannel } from './present.ts'

/** @see docs/api/customer-messaging.md#channels */
export function registerChannelRoutes(app: CustomerMessagingApp): void {
  app.post('/api/v1/channels', { schema: schemas.create }, async ({ clientCtx, body }, reply) => {
    return reply.code(201).send(presentChannel(await createChannel(clientCtx, body), clientCtx.actor.isLive))
  })

  app.get('/api/v1/channels', { schema: schemas.list }, async ({ clientCtx, query }) => {
    const page = await listCustomerConversations(clientCtx, readWindow('channel', query))
    return presentList(page, (channel) => presentChannel(channel, clientCtx.actor.isLive))
  })

  app.get('/api/v1/channels/by-email', { schema: schemas.listByEmail }, async ({ clientCtx, query }) => {
    const page = await listConversationsByPeer(clientCtx, { ...readWindow('customer', query), email: query.email })
    return presentGroups(page, clientCtx.actor.isLive)
  })

  app.get('/api/v1/channels/customer/:customer_uuid', { schema: schemas.listOf }, async (req) => {
    const { clientCtx, query } = req
    const contactId = parsePathId('customer', req.params.customer_uuid)
    const page = await listCustomerConversations(clientCtx, { ...readWindow('channel', query), contactId })
    return presentList(page, (channel) => presentChannel(channel, clientCtx.actor.isLive))
  })

  app.get('/api/v1/channels/:channel_uuid', { schema: schemas.get }, async ({ clientCtx, params }) => {
    const conversationId = parsePathId('channel', params.channel_uuid)
    return presentChannel(await getCustomerConversation(clientCtx, { conversationId }), clientCtx.actor.isLive)
  })

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/api/v1/channels/:channel_uuid',
      schema: schemas.update,
      config: { isHidden: method === 'PATCH' },
      handler: async ({ clientCtx, params, body: { name } }) => {
        const conversationId = parsePathId('channel', params.channel_uuid)
        const changed = await renameCustomerConversation(clientCtx, { conversationId, name })
        return presentChannel(changed, clientCtx.actor.isLive)
      },
    })
  }

  app.delete('/api/v1/channels/:channel_uuid', { schema: schemas.delete }, async ({ clientCtx, params }) => {
    const conversationId = parsePathId('channel', params.channel_uuid)
    await deleteCustomerConversation(clientCtx, { conversationId })
    return { object: 'channel' as const, id: presentId('channel', conversationId), deleted: true as const }
  })
}

const tags = ['Channels']
const params = Type.Object({ channel_uuid: Id('channel', 'The channel.') })
const email = Type.String({ description: 'The email of a customer, whatever its capital letters.' })
const ChannelList = ListOf(ChannelObject, 'Channels, latest activity first.')

const schemas = {
  create: {
    operationId: 'createChannel',
    summary: 'Make a channel of two to five customers',
    tags,
    body: ChannelInput,
    response: { 201: ChannelObject },
  },
  list: {
    operationId: 'listChannels',
    summary: 'All channels, latest activity first',
    tags,
    querystring: Type.Object(windowQuery('channel', 10)),
    response: { 200: ChannelList },
  },
  listByEmail: {
    operationId: 'listChannelsByEmail',
    summary: 'A customer’s channels by whom they are shared with, latest activity first',
    tags,
    querystring: Type.Object({ ...windowQuery('customer', 10), email }),
    response: { 200: GroupedChannels },
  },
  listOf: {
    operationId: 'listChannelsOfCustomer',
    summary: 'The channels of one customer, latest activity first',
    tags,
    params: Type.Object({ customer_uuid: Id('customer', 'The customer.') }),
    querystring: Type.Object(windowQuery('channel', 10)),
    response: { 200: ChannelList },
  },
  get: { operationId: 'getChannel', summary: 'One channel', tags, params, response: { 200: ChannelObject } },
  update: {
    operationId: 'updateChannel',
    summary: 'Give a custom channel another name (PATCH does the same)',
    tags,
    params,
    body: Type.Object({ name: Type.String({ description: '1–255 characters, trimmed.' }) }),
    response: { 200: ChannelObject },
  },
  delete: {
    operationId: 'deleteChannel',
    summary: 'Delete a channel',
    tags,
    params,
    response: {
      200: Type.Object({ object: Type.Literal('channel'), id: Id('channel', 'It.'), deleted: Type.Literal(true) }),
    },
  },
}
