import { Type } from 'typebox'
import { clearStatus } from '../../core/users/clear-status.ts'
import { getOwnUser } from '../../core/users/get-own-user.ts'
import { getUser } from '../../core/users/get-user.ts'
import { searchUsers } from '../../core/users/search-users.ts'
import { setStatus } from '../../core/users/set-status.ts'
import { updateUser } from '../../core/users/update-user.ts'
import type { TeamChatApp } from './app.ts'
import { liveOf } from './live.ts'
import { PageQuery } from './page-query.ts'
import { Id, ListOf, presentList, presentOwnUser, presentUser, UserObject } from './present.ts'

/** @see docs/api/team-chat.md */
export function registerUserRoutes(app: TeamChatApp): void {
  app.get('/users/me', { schema: schemas.getOwnUser }, async (req) =>
    presentOwnUser(await getOwnUser(req.ctx), liveOf(req.ctx)),
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/users/me',
      schema: schemas.updateUser,
      config: { isHidden: method === 'PATCH' },
      handler: async (req) => {
        const { current_password: currentPassword, ...profile } = req.body
        return presentOwnUser(await updateUser(req.ctx, { ...profile, currentPassword }), liveOf(req.ctx))
      },
    })
  }

  app.put('/users/me/status', { schema: schemas.setStatus }, async (req) => {
    const { expires_at: expiresAt, ...chosen } = req.body
    return presentOwnUser(await setStatus(req.ctx, { ...chosen, expiresAt }), liveOf(req.ctx))
  })

  app.delete('/users/me/status', { schema: schemas.clearStatus }, async (req, reply) => {
    await clearStatus(req.ctx)
    return reply.code(204).send(null)
  })

  for (const url of ['/users', '/users/search']) {
    app.get(url, { schema: schemas.searchUsers, config: { isHidden: url !== '/users' } }, async (req) => {
      const { workspace_id: workspaceId, ...query } = req.query
      const live = liveOf(req.ctx)
      return presentList(await searchUsers(req.ctx, { ...query, workspaceId }), (user) => presentUser(user, live))
    })
  }

  app.get('/users/:user_id', { schema: schemas.getUser }, async (req) => {
    const userId = req.params.user_id.toLowerCase()
    if (userId === req.ctx.actor.id) return presentOwnUser(await getOwnUser(req.ctx), liveOf(req.ctx))
    return presentUser(await getUser(req.ctx, { userId }), liveOf(req.ctx))
  })
}

const tags = ['Users']

const schemas = {
  getOwnUser: {
    operationId: 'getOwnUser',
    summary: 'Your own user',
    tags,
    response: { 200: UserObject },
  },
  updateUser: {
    operationId: 'updateUser',
    summary: 'Change your own user; a new password ends your other sessions (PATCH does the same)',
    tags,
    body: Type.Object({
      username: Type.Optional(Type.String({ description: 'As at registering.' })),
      email: Type.Optional(Type.String({ maxLength: 320, description: 'As at registering.' })),
      name: Type.Optional(Type.String({ description: '1–100 characters, trimmed.' })),
      password: Type.Optional(Type.String({ description: 'A new one, 8–256 characters.' })),
      current_password: Type.Optional(Type.String({ maxLength: 4_096, description: 'Required with a new password.' })),
    }),
    response: { 200: UserObject },
  },
  setStatus: {
    operationId: 'setStatus',
    summary: 'Choose what others see of you, in place of what you chose before',
    tags,
    body: Type.Object({
      status: Type.Union([Type.Enum(['online', 'offline', 'busy', 'out_of_office']), Type.Null()], {
        description: 'null follows your open sockets.',
      }),
      text: Type.Optional(
        Type.Union([Type.String(), Type.Null()], { description: 'Up to 128 characters, in one line.' }),
      ),
      expires_at: Type.Optional(
        Type.Union([Type.String(), Type.Null()], { description: 'ISO 8601, in the future: when status and text end.' }),
      ),
    }),
    response: { 200: UserObject },
  },
  clearStatus: {
    operationId: 'clearStatus',
    summary: 'Follow your open sockets again',
    tags,
    response: { 204: Type.Null({ description: 'No chosen status any more.' }) },
  },
  searchUsers: {
    operationId: 'searchUsers',
    summary: 'Find people you share a workspace with; a guest finds those of its conversations',
    tags,
    querystring: Type.Object({
      ...PageQuery,
      q: Type.String({ minLength: 1, maxLength: 256, description: 'Words or parts of the username and the name.' }),
      workspace_id: Type.Optional(Id('Only members of this workspace.')),
    }),
    response: { 200: ListOf(UserObject, 'People, those whose username or name begins with the text first.') },
  },
  getUser: {
    operationId: 'getUser',
    summary: 'Somebody you share a workspace or a conversation with',
    tags,
    params: Type.Object({ user_id: Id('The person.') }),
    response: { 200: UserObject },
  },
}
