import type { FastifyInstance } from 'fastify'
import type pg from 'pg'

/** What the bench needs to set its scene: workspaces, channels and their members. Not measured, so the minimum. */
export function registerWorkspaceRoutes(app: FastifyInstance, pool: pg.Pool): void {
  app.post<{ Body: { name: string } }>('/workspaces', async (req, reply) => {
    const { rows } = await pool.query<{ id: string }>(
      'insert into workspaces (name, created_by) values ($1, $2) returning *',
      [req.body.name, req.userId],
    )
    await addMember(pool, rows[0]!.id, { userId: req.userId, role: 'owner' })
    return reply.code(201).send(rows[0])
  })

  app.post<{ Params: { id: string }; Body: { user_id: string } }>('/workspaces/:id/members', async (req, reply) => {
    await addMember(pool, req.params.id, { userId: req.body.user_id, role: 'member' })
    return reply.code(201).send({ workspace_id: req.params.id, user_id: req.body.user_id })
  })

  app.post<{ Params: { id: string }; Body: { name: string } }>('/workspaces/:id/channels', async (req, reply) => {
    const { rows } = await pool.query<{ id: string }>(
      'insert into channels (workspace_id, name, created_by) values ($1, $2, $3) returning *',
      [req.params.id, req.body.name, req.userId],
    )
    await joinChannel(pool, rows[0]!.id, req.userId)
    return reply.code(201).send(rows[0])
  })

  app.post<{ Params: { id: string }; Body: { user_id?: string } }>('/channels/:id/members', async (req, reply) => {
    const userId = req.body.user_id ?? req.userId
    await joinChannel(pool, req.params.id, userId)
    return reply.code(201).send({ channel_id: req.params.id, user_id: userId })
  })
}

async function addMember(pool: pg.Pool, workspaceId: string, member: { userId: string; role: string }): Promise<void> {
  const text = 'insert into workspace_members (workspace_id, user_id, role) values ($1, $2, $3)'
  await pool.query(text, [workspaceId, member.userId, member.role])
}

async function joinChannel(pool: pg.Pool, channelId: string, userId: string): Promise<void> {
  await pool.query('insert into channel_members (channel_id, user_id) values ($1, $2)', [channelId, userId])
}
