import { type Static, Type } from 'typebox'
import { createManualAction } from '../../core/manual-actions/create-manual-action.ts'
import { listManualActions } from '../../core/manual-actions/list-manual-actions.ts'
import { MANUAL_ACTION_STATUSES, type ManualAction } from '../../core/manual-actions/schema.ts'
import { updateManualAction } from '../../core/manual-actions/update-manual-action.ts'
import type { InboxApp } from './app.ts'
import { PageQuery, presentReply, ReplyOf } from './envelope.ts'
import { readWorkspaceId } from './workspace.ts'

const PATH = '/api/v1/conversations/manual-actions'

/** @see docs/api/inbox.md#manual-actions */
export function registerManualActionRoutes(app: InboxApp): void {
  app.get(PATH, { schema: schemas.list }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    const rows = await listManualActions(req.ctx, { ...req.query, workspaceId })
    return presentReply(rows.map(presentManualAction))
  })

  app.post(PATH, { schema: schemas.create }, async (req, reply) => {
    const workspaceId = await readWorkspaceId(req)
    const action = await createManualAction(req.ctx, { ...req.body, workspaceId })
    return reply.code(201).send(presentReply(presentManualAction(action)))
  })

  app.patch(`${PATH}/:manualActionId`, { schema: schemas.update }, async (req) => {
    const workspaceId = await readWorkspaceId(req)
    const action = await updateManualAction(req.ctx, { ...req.params, ...req.body, workspaceId })
    return presentReply(presentManualAction(action))
  })
}

const id = (description: string) => Type.String({ format: 'uuid', description })
const time = (description: string) => Type.String({ format: 'date-time', description })
const StatusText = Type.Enum([...MANUAL_ACTION_STATUSES])

const ManualActionObject = Type.Object(
  {
    id: id('The manual action.'),
    conversationId: id('The conversation that it is about.'),
    action: Type.String({ description: 'What is to be done, and why.' }),
    status: Type.Enum([...MANUAL_ACTION_STATUSES], { description: '`failed`: it was given up.' }),
    assignedTo: Type.Optional(id('The member who is to do it.')),
    reason: Type.Optional(
      Type.String({ description: 'Why the server made it, for programs; what a member wrote has none.' }),
    ),
    createdAt: time('When it was made.'),
    createdBy: Type.Optional(id('The member who wrote it; none for the server.')),
    completedAt: Type.Optional(time('When it was completed, or given up.')),
    completedBy: Type.Optional(id('Who did; none where the server saw that nothing is left to do.')),
  },
  { description: 'Something that a person is to do.' },
)

function presentManualAction(action: ManualAction): Static<typeof ManualActionObject> {
  const { assignedTo, reasonCode, createdBy, completedAt, completedBy } = action
  return {
    id: action.id,
    conversationId: action.conversationId,
    action: action.action,
    status: action.status,
    ...(assignedTo !== null && { assignedTo }),
    ...(reasonCode !== null && { reason: reasonCode }),
    createdAt: action.createdAt,
    ...(createdBy !== null && { createdBy }),
    ...(completedAt !== null && { completedAt }),
    ...(completedBy !== null && { completedBy }),
  }
}

const tags = ['Manual actions']
const ASSIGNED_DOC = 'A member of the workspace who is no guest.'
const OneAction = ReplyOf(ManualActionObject, 'The manual action.')

const schemas = {
  list: {
    operationId: 'listManualActions',
    summary: 'What people are to do, what waits longest first',
    tags,
    querystring: Type.Object({ status: Type.Optional(StatusText), ...PageQuery }),
    response: { 200: ReplyOf(Type.Array(ManualActionObject), 'Manual actions.') },
  },
  create: {
    operationId: 'createManualAction',
    summary: 'Write down what a person is to do in a conversation',
    tags,
    body: Type.Object({
      conversationId: id('The conversation.'),
      action: Type.String({ description: '1–1,000 characters in one line, trimmed.' }),
      assignedTo: Type.Optional(id(ASSIGNED_DOC)),
    }),
    response: { 201: OneAction },
  },
  update: {
    operationId: 'updateManualAction',
    summary: 'Complete a manual action, give it up, open it again, or assign it',
    tags,
    params: Type.Object({ manualActionId: id('The manual action.') }),
    body: Type.Object({
      status: Type.Optional(StatusText),
      assignedTo: Type.Optional(
        Type.Union([Type.String({ format: 'uuid' }), Type.Null()], { description: `${ASSIGNED_DOC} Null for nobody.` }),
      ),
    }),
    response: { 200: OneAction },
  },
}
