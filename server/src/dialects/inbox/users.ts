import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { searchMembers } from '../../core/workspaces/search-members.ts'
import type { InboxApp } from './app.ts'
import { PageQuery, presentReply, ReplyOf } from './envelope.ts'
import { memberRolesOf, presentUser, type TeamRole, TeamRoleText, UserObject } from './present-user.ts'
import { IdList, readIdList } from './query-lists.ts'
import { readWorkspaceId } from './workspace.ts'

/** @see docs/api/inbox.md#users */
export function registerUserRoutes(app: InboxApp): void {
  app.get('/api/v1/users', { schema: schemas.list }, (req) => find(req, req.query.search))

  app.get('/api/v1/users/search', { schema: schemas.search }, (req) => find(req, req.query.q))
}

type UserQuery = { role?: TeamRole; exclude?: string[]; page: number; pageSize: number }
type UserRequest = Pick<FastifyRequest, 'ctx' | 'headers'> & { query: UserQuery }

async function find(req: UserRequest, search: string | undefined) {
  const { role, exclude, page, pageSize } = req.query
  const excludedIds = readIdList(exclude, 'exclude')
  const workspaceId = await readWorkspaceId(req)
  const roles = memberRolesOf(role)
  const rows = await searchMembers(req.ctx, { workspaceId, search, roles, excludedIds, page, pageSize })
  return presentReply(rows.map(presentUser))
}

const tags = ['Users']
const text = 'A part of the name, the username or the email.'
const UserList = ReplyOf(Type.Array(UserObject), 'Members of the workspace.')
const query = {
  role: Type.Optional(TeamRoleText),
  exclude: IdList('People to leave out.'),
  ...PageQuery,
  pageSize: { ...PageQuery.pageSize, default: 100 },
}

const schemas = {
  list: {
    operationId: 'listUsers',
    summary: 'The members of the workspace, by name',
    tags,
    querystring: Type.Object({ ...query, search: Type.Optional(Type.String({ maxLength: 256, description: text })) }),
    response: { 200: UserList },
  },
  search: {
    operationId: 'searchUsers',
    summary: 'Find members of the workspace, those whose name or username begins with the text first',
    tags,
    querystring: Type.Object({ ...query, q: Type.String({ maxLength: 256, description: text }) }),
    response: { 200: UserList },
  },
}
