import { Type } from 'typebox'
import { IS_REQUIRED, invalidField } from '../../core/errors.ts'
import { addMember } from '../../core/workspaces/add-member.ts'
import { listMembers } from '../../core/workspaces/list-members.ts'
import { removeMember } from '../../core/workspaces/remove-member.ts'
import { updateMember } from '../../core/workspaces/update-member.ts'
import type { TeamChatApp } from './app.ts'
import { liveOf } from './live.ts'
import { OptionalBody } from './optional-body.ts'
import { PageQuery } from './page-query.ts'
import { Id, ListOf, presentList } from './present.ts'
import { MemberObject, presentMember, Role } from './present-workspace.ts'

const PATH = '/workspaces/:workspace_id/members'

/** @see docs/api/team-chat.md */
export function registerMemberRoutes(app: TeamChatApp): void {
  app.post(PATH, { schema: schemas.addMember }, async (req, reply) => {
    const { user_id: userId, email, username, role } = req.body
    const input = { workspaceId: req.params.workspace_id, userId, email, username, role }
    return reply.code(201).send(presentMember(await addMember(req.ctx, input), liveOf(req.ctx)))
  })

  app.get(PATH, { schema: schemas.listMembers }, async (req) => {
    const page = await listMembers(req.ctx, { workspaceId: req.params.workspace_id, ...req.query })
    const live = liveOf(req.ctx)
    return presentList(page, (row) => presentMember(row, live))
  })

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: `${PATH}/:user_id`,
      schema: schemas.updateMember,
      config: { isHidden: method === 'PATCH' },
      handler: async (req) => {
        const { workspace_id: workspaceId, user_id: userId } = req.params
        const profile = await updateMember(req.ctx, { workspaceId, userId, role: req.body.role })
        return presentMember(profile, liveOf(req.ctx))
      },
    })
  }

  app.delete(`${PATH}/:user_id`, { schema: schemas.removeMember }, async (req, reply) => {
    const { workspace_id: workspaceId, user_id: userId } = req.params
    await removeMember(req.ctx, { workspaceId, userId })
    return reply.code(204).send(null)
  })

  app.delete(PATH, { schema: schemas.removeNamedMember }, async (req, reply) => {
    const userId = req.query.user_id ?? req.body?.user_id
    if (userId === undefined) throw invalidField('user_id', IS_REQUIRED)
    await removeMember(req.ctx, { workspaceId: req.params.workspace_id, userId })
    return reply.code(204).send(null)
  })
}

const tags = ['Members']
const params = Type.Object({ workspace_id: Id('The workspace.') })
const memberParams = Type.Object({ workspace_id: Id('The workspace.'), user_id: Id('The member.') })
const user_id = Type.Optional(Id('The member.'))
const removed = Type.Null({ description: 'No member any more, nor in any of the workspace’s channels.' })

const schemas = {
  addMember: {
    operationId: 'addMember',
    summary: 'Add somebody who has an account to a workspace, as its owner or admin',
    tags,
    params,
    body: Type.Object(
      {
        user_id: Type.Optional(Id('Who; or else email or username.')),
        email: Type.Optional(Type.String({ description: 'Who, by their email.' })),
        username: Type.Optional(Type.String({ description: 'Who, by their username.' })),
        role: Type.Optional(Role),
      },
      { description: 'Exactly one of user_id, email and username; role is `member` unless said.' },
    ),
    response: { 201: MemberObject },
  },
  listMembers: {
    operationId: 'listMembers',
    summary: 'The members of a workspace; not for guests',
    tags,
    params,
    querystring: Type.Object({
      ...PageQuery,
      role: Type.Optional(Role),
      q: Type.Optional(Type.String({ description: 'A part of the name or username.' })),
    }),
    response: { 200: ListOf(MemberObject, 'Members, in the order in which they made their accounts.') },
  },
  updateMember: {
    operationId: 'updateMember',
    summary: 'Give a member another role; only an owner makes and unmakes owners (PATCH does the same)',
    tags,
    params: memberParams,
    body: Type.Object({ role: Role }),
    response: { 200: MemberObject },
  },
  removeMember: {
    operationId: 'removeMember',
    summary: 'Remove a member, or leave',
    tags,
    params: memberParams,
    response: { 204: removed },
  },
  removeNamedMember: {
    operationId: 'removeNamedMember',
    summary: 'Remove the member whom the query or the body names',
    tags,
    params,
    querystring: Type.Object({ user_id }),
    body: OptionalBody({ user_id: Id('The member.') }),
    response: { 204: removed },
  },
}
