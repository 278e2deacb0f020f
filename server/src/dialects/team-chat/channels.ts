import { Type } from 'typebox'
import { createChannel } from '../../core/conversations/create-channel.ts'
import { deleteChannel } from '../../core/conversations/delete-channel.ts'
import { getConversation } from '../../core/conversations/get-conversation.ts'
import { listChannels } from '../../core/conversations/list-channels.ts'
import { markRead } from '../../core/conversations/mark-read.ts'
import { updateChannel } from '../../core/conversations/update-channel.ts'
import type { TeamChatApp } from './app.ts'
import { OptionalBody } from './optional-body.ts'
import { PageQuery } from './page-query.ts'
import { Id, ListOf, presentList } from './present.ts'
import { ChannelObject, presentChannel } from './present-channel.ts'

/** @see docs/api/team-chat.md */
export function registerChannelRoutes(app: TeamChatApp): void {
  app.post('/workspaces/:workspace_id/channels', { schema: schemas.createChannel }, async (req, reply) => {
    const { name, description, is_private, member_ids } = req.body
    const channel = await createChannel(req.ctx, {
      workspaceId: req.params.workspace_id,
      name,
      description,
      isPrivate: is_private,
      memberIds: member_ids,
    })
    return reply.code(201).send(presentChannel(channel))
  })

  app.get('/workspaces/:workspace_id/channels', { schema: schemas.listChannels }, async (req) => {
    const { member_only: memberOnly, ...query } = req.query
    const page = await listChannels(req.ctx, { workspaceId: req.params.workspace_id, memberOnly, ...query })
    return presentList(page, presentChannel)
  })

  app.get('/channels/:channel_id', { schema: schemas.getChannel }, async (req) =>
    presentChannel(await getConversation(req.ctx, { conversationId: req.params.channel_id })),
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/channels/:channel_id',
      schema: schemas.updateChannel,
      config: { isHidden: method === 'PATCH' },
      handler: async (req) => {
        const { name, description, is_private: isPrivate } = req.body
        const changes = { conversationId: req.params.channel_id, name, description, isPrivate }
        return presentChannel(await updateChannel(req.ctx, changes))
      },
    })
  }

  app.delete('/channels/:channel_id', { schema: schemas.deleteChannel }, async (req, reply) => {
    await deleteChannel(req.ctx, { conversationId: req.params.channel_id })
    return reply.code(204).send(null)
  })

  app.put('/channels/:channel_id/read', { schema: schemas.markRead }, async (req) => {
    const input = { conversationId: req.params.channel_id, messageId: req.body?.message_id ?? null }
    const { conversationId, readOrdinal, unreadCount } = await markRead(req.ctx, input)
    return { channel_id: conversationId, read_sequence: readOrdinal, unread_count: unreadCount }
  })
}

const tags = ['Channels']
const params = Type.Object({ channel_id: Id('The channel.') })
const workspaceParams = Type.Object({ workspace_id: Id('The workspace.') })
const name = Type.String({ description: '1–80 characters, trimmed, without its leading `#`; unique in the workspace.' })
const description = Type.Optional(
  Type.Union([Type.String(), Type.Null()], { description: 'Up to 1,000 characters; null for none.' }),
)
const is_private = Type.Optional(Type.Boolean({ description: 'Only its members can see it.' }))

const schemas = {
  createChannel: {
    operationId: 'createChannel',
    summary: 'Make a channel in a workspace; not for guests',
    tags,
    params: workspaceParams,
    body: Type.Object({
      name,
      description,
      is_private,
      member_ids: Type.Optional(
        Type.Array(Id('A member of the workspace.'), {
          maxItems: 100,
          description: 'Who is in it from the beginning.',
        }),
      ),
    }),
    response: { 201: ChannelObject },
  },
  listChannels: {
    operationId: 'listChannels',
    summary: 'A workspace’s public channels and your private ones; for guests, those that they are in',
    tags,
    params: workspaceParams,
    querystring: Type.Object({
      ...PageQuery,
      q: Type.Optional(Type.String({ description: 'A part of the name.' })),
      member_only: Type.Boolean({ default: false, description: 'Only those that you are in.' }),
    }),
    response: { 200: ListOf(ChannelObject, 'Channels, in the order in which they were made.') },
  },
  getChannel: {
    operationId: 'getChannel',
    summary: 'A channel',
    tags,
    params,
    response: { 200: ChannelObject },
  },
  updateChannel: {
    operationId: 'updateChannel',
    summary: 'Change a channel, as its creator or the workspace’s owner or admin (PATCH does the same)',
    tags,
    params,
    body: Type.Object({ name: Type.Optional(name), description, is_private }),
    response: { 200: ChannelObject },
  },
  deleteChannel: {
    operationId: 'deleteChannel',
    summary: 'Delete a channel, as its creator or the workspace’s owner or admin',
    tags,
    params,
    response: { 204: Type.Null({ description: 'Deleted.' }) },
  },
  markRead: {
    operationId: 'markChannelRead',
    summary: 'Say that you have read a channel or direct conversation up to a message',
    tags,
    params,
    body: OptionalBody({ message_id: Id('The last message that you have read; the newest unless said.') }),
    response: {
      200: Type.Object({
        channel_id: Id('The channel.'),
        read_sequence: Type.Integer({ description: 'The `sequence` of the last message read; never moves back.' }),
        unread_count: Type.Integer({ description: 'Messages of others after it, up to 1,000.' }),
      }),
    },
  },
}
