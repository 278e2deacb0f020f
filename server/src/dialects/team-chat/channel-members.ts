import { Type } from 'typebox'
import { addParticipant } from '../../core/conversations/add-participant.ts'
import { listParticipants } from '../../core/conversations/list-participants.ts'
import { removeParticipant } from '../../core/conversations/remove-participant.ts'
import { IS_REQUIRED, invalidField } from '../../core/errors.ts'
import type { TeamChatApp } from './app.ts'
import { liveOf } from './live.ts'
import { OptionalBody } from './optional-body.ts'
import { PageQuery } from './page-query.ts'
import { Id, ListOf, presentList } from './present.ts'
import { ChannelMemberObject, presentChannelMember } from './present-channel.ts'

const PATH = '/channels/:channel_id/members'

/** @see docs/api/team-chat.md */
export function registerChannelMemberRoutes(app: TeamChatApp): void {
  app.post(PATH, { schema: schemas.addChannelMember }, async (req, reply) => {
    const input = { conversationId: req.params.channel_id, userId: req.body?.user_id ?? null }
    return reply.code(201).send(presentChannelMember(await addParticipant(req.ctx, input), liveOf(req.ctx)))
  })

  app.get(PATH, { schema: schemas.listChannelMembers }, async (req) => {
    const page = await listParticipants(req.ctx, { conversationId: req.params.channel_id, ...req.query })
    const live = liveOf(req.ctx)
    return presentList(page, (row) => presentChannelMember(row, live))
  })

  app.delete(`${PATH}/:user_id`, { schema: schemas.removeChannelMember }, async (req, reply) => {
    const { channel_id: conversationId, user_id: userId } = req.params
    await removeParticipant(req.ctx, { conversationId, userId })
    return reply.code(204).send(null)
  })

  app.delete(PATH, { schema: schemas.removeNamedChannelMember }, async (req, reply) => {
    const userId = req.query.user_id ?? req.body?.user_id
    if (userId === undefined) throw invalidField('user_id', IS_REQUIRED)
    await removeParticipant(req.ctx, { conversationId: req.params.channel_id, userId })
    return reply.code(204).send(null)
  })
}

const tags = ['Channel members']
const params = Type.Object({ channel_id: Id('The channel.') })
const removed = Type.Null({ description: 'No longer in the channel.' })

const schemas = {
  addChannelMember: {
    operationId: 'addChannelMember',
    summary: 'Bring a member of the workspace into a channel, or come into a public one',
    tags,
    params,
    body: OptionalBody({ user_id: Id('Who; yourself unless said.') }),
    response: { 201: ChannelMemberObject },
  },
  listChannelMembers: {
    operationId: 'listChannelMembers',
    summary: 'Who is in a channel',
    tags,
    params,
    querystring: Type.Object(PageQuery),
    response: { 200: ListOf(ChannelMemberObject, 'People, in the order in which they made their accounts.') },
  },
  removeChannelMember: {
    operationId: 'removeChannelMember',
    summary: 'Take somebody out of a channel, as its creator or the workspace’s owner or admin; or leave it',
    tags,
    params: Type.Object({ channel_id: Id('The channel.'), user_id: Id('Who.') }),
    response: { 204: removed },
  },
  removeNamedChannelMember: {
    operationId: 'removeNamedChannelMember',
    summary: 'Take out of a channel whom the query or the body names',
    tags,
    params,
    querystring: Type.Object({ user_id: Type.Optional(Id('Who.')) }),
    body: OptionalBody({ user_id: Id('Who.') }),
    response: { 204: removed },
  },
}
