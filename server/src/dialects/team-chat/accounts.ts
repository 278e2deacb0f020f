import { Type } from 'typebox'
import { createSession } from '../../core/sessions/create-session.ts'
import { createTicket } from '../../core/sessions/create-ticket.ts'
import { refreshSession } from '../../core/sessions/refresh-session.ts'
import { revokeSession } from '../../core/sessions/revoke-session.ts'
import { registerUser } from '../../core/users/register-user.ts'
import type { TeamChatApp } from './app.ts'
import { liveOf } from './live.ts'
import { Time } from './present.ts'
import { presentSession, SessionObject } from './present-session.ts'

const PUBLIC = { isPublic: true }

/** @see docs/api/team-chat.md */
export function registerAccountRoutes(app: TeamChatApp): void {
  app.post('/register', { schema: schemas.register, config: PUBLIC }, async (req, reply) => {
    const input = { ...req.body, userAgent: req.headers['user-agent'] ?? null }
    const signedIn = await registerUser(req.publicCtx, input)
    return reply.code(201).send(presentSession(signedIn, liveOf(req.publicCtx)))
  })

  app.post('/login', { schema: schemas.login, config: PUBLIC }, async (req) => {
    const input = { ...req.body, userAgent: req.headers['user-agent'] ?? null }
    return presentSession(await createSession(req.publicCtx, input), liveOf(req.publicCtx))
  })

  app.post('/refresh', { schema: schemas.refresh, config: PUBLIC }, async (req) => {
    const signedIn = await refreshSession(req.publicCtx, { refreshToken: req.body.refresh_token })
    return presentSession(signedIn, liveOf(req.publicCtx))
  })

  app.post('/logout', { schema: schemas.logout }, async (req, reply) => {
    await revokeSession(req.ctx)
    return reply.code(204).send(null)
  })

  for (const url of ['/ws/tickets', '/v1/ws/tickets']) {
    const config = { isHidden: url !== '/ws/tickets' }
    app.post(url, { schema: schemas.createTicket, config }, async (req, reply) => {
      const { ticket, expiresAt } = await createTicket(req.ctx)
      return reply.code(201).send({ ticket, expires_at: expiresAt })
    })
  }
}

const tags = ['Accounts']
const email = Type.String({ maxLength: 320, description: 'Unique on this server, whatever its case.' })

const schemas = {
  register: {
    operationId: 'register',
    summary: 'Make an account and sign in to it',
    tags,
    body: Type.Object({
      username: Type.String({
        description: '3–32 of `a-z A-Z 0-9 _ . -`, a letter or digit at its ends; not `channel`, `here` or `me`.',
      }),
      email,
      password: Type.String({ description: '8–256 characters.' }),
      name: Type.Optional(
        Type.Union([Type.String(), Type.Null()], { description: 'Up to 100 characters; the username if missing.' }),
      ),
    }),
    response: { 201: SessionObject },
  },
  login: {
    operationId: 'login',
    summary: 'Sign in; a wrong password and an unknown email are answered alike',
    tags,
    body: Type.Object({
      email,
      password: Type.String({ maxLength: 4_096, description: 'The account’s password.' }),
    }),
    response: { 200: SessionObject },
  },
  refresh: {
    operationId: 'refresh',
    summary: 'Get new tokens for a refresh token, which works once: the second time it ends the session',
    tags,
    body: Type.Object({ refresh_token: Type.String({ maxLength: 512, description: 'The newest of the session.' }) }),
    response: { 200: SessionObject },
  },
  logout: {
    operationId: 'logout',
    summary: 'Sign out: the tokens and sockets of this session stop working',
    tags,
    response: { 204: Type.Null({ description: 'Signed out.' }) },
  },
  createTicket: {
    operationId: 'createTicket',
    summary: 'Get a ticket that opens one socket within 30 seconds: `GET /ws?ticket=…`',
    tags,
    response: {
      201: Type.Object({
        ticket: Type.String({ description: 'Works once.' }),
        expires_at: Time('When it stops working.'),
      }),
    },
  },
}
