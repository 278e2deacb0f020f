import type { FastifyRequest } from 'fastify'
import { invalidField } from '../../core/errors.ts'
import { isUuid } from '../../core/uuid.ts'
import { getDefaultWorkspaceId } from '../../core/workspaces/get-default-workspace.ts'

/**
 * The workspace that a request is about: that of the header X-Workspace-Id, else the caller's default one. Whether the
 * caller belongs there, each operation asks for itself.
 */
export async function readWorkspaceId({ ctx, headers }: Pick<FastifyRequest, 'ctx' | 'headers'>): Promise<string> {
  const given = String(headers['x-workspace-id'] ?? '')
    .trim()
    .toLowerCase()
  if (given === '') return getDefaultWorkspaceId(ctx)
  if (!isUuid(given)) throw invalidField('X-Workspace-Id', 'must be the id of a workspace')
  return given
}
