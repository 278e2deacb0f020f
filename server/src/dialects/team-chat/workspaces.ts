import { Type } from 'typebox'
import { createWorkspace } from '../../core/workspaces/create-workspace.ts'
import { deleteWorkspace } from '../../core/workspaces/delete-workspace.ts'
import { getWorkspace } from '../../core/workspaces/get-workspace.ts'
import { listWorkspaces } from '../../core/workspaces/list-workspaces.ts'
import { updateWorkspace } from '../../core/workspaces/update-workspace.ts'
import type { TeamChatApp } from './app.ts'
import { PageQuery } from './page-query.ts'
import { Id, ListOf, presentList } from './present.ts'
import { presentWorkspace, WorkspaceObject } from './present-workspace.ts'

/** @see docs/api/team-chat.md */
export function registerWorkspaceRoutes(app: TeamChatApp): void {
  app.post('/workspaces', { schema: schemas.createWorkspace }, async (req, reply) => {
    return reply.code(201).send(presentWorkspace(await createWorkspace(req.ctx, req.body)))
  })

  app.get('/workspaces', { schema: schemas.listWorkspaces }, async (req) =>
    presentList(await listWorkspaces(req.ctx, req.query), presentWorkspace),
  )

  app.get('/workspaces/:workspace_id', { schema: schemas.getWorkspace }, async (req) =>
    presentWorkspace(await getWorkspace(req.ctx, { workspaceId: req.params.workspace_id })),
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/workspaces/:workspace_id',
      schema: schemas.updateWorkspace,
      config: { isHidden: method === 'PATCH' },
      handler: async (req) =>
        presentWorkspace(await updateWorkspace(req.ctx, { workspaceId: req.params.workspace_id, ...req.body })),
    })
  }

  app.delete('/workspaces/:workspace_id', { schema: schemas.deleteWorkspace }, async (req, reply) => {
    await deleteWorkspace(req.ctx, { workspaceId: req.params.workspace_id })
    return reply.code(204).send(null)
  })
}

const tags = ['Workspaces']
const params = Type.Object({ workspace_id: Id('The workspace.') })
const name = Type.String({ description: '1–100 characters, trimmed.' })
const domain = Type.String({ description: '1–63 of `a-z`, `0-9` and `-`, no `-` at its ends.' })

const schemas = {
  createWorkspace: {
    operationId: 'createWorkspace',
    summary: 'Make a workspace that you own',
    tags,
    body: Type.Object({ name, domain: Type.Optional(domain) }),
    response: { 201: WorkspaceObject },
  },
  listWorkspaces: {
    operationId: 'listWorkspaces',
    summary: 'The workspaces that you are in',
    tags,
    querystring: Type.Object(PageQuery),
    response: { 200: ListOf(WorkspaceObject, 'Your workspaces, in the order in which they were made.') },
  },
  getWorkspace: {
    operationId: 'getWorkspace',
    summary: 'A workspace',
    tags,
    params,
    response: { 200: WorkspaceObject },
  },
  updateWorkspace: {
    operationId: 'updateWorkspace',
    summary: 'Change a workspace’s name or domain, as its owner or admin (PATCH does the same)',
    tags,
    params,
    body: Type.Object({ name: Type.Optional(name), domain: Type.Optional(domain) }),
    response: { 200: WorkspaceObject },
  },
  deleteWorkspace: {
    operationId: 'deleteWorkspace',
    summary: 'Delete a workspace with its channels, as its owner',
    tags,
    params,
    response: { 204: Type.Null({ description: 'Deleted.' }) },
  },
}
