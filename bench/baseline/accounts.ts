import { compare, hash } from '@node-rs/bcrypt'
import { createSigner, createVerifier } from 'fast-jwt'
import type { FastifyInstance } from 'fastify'
import type pg from 'pg'
import { refuse } from './refuse.ts'

const EXPIRES_IN_S = 3600

type UserRow = { id: string; username: string; email: string; name: string; password_hash: string }
type Registration = { username: string; email: string; password: string; name?: string }

export type Baseline = { pool: pg.Pool; secret: string; bcryptCost: number }

/** Checks the Authorization header's token and gives back whose it is. */
export type Authenticate = (authorization: string | undefined) => string

export function registerAccountRoutes(app: FastifyInstance, { pool, secret, bcryptCost }: Baseline): Authenticate {
  const sign = createSigner({ key: secret, expiresIn: EXPIRES_IN_S * 1000 })
  const verify = createVerifier({ key: secret })

  function presentSession({ password_hash: _, ...user }: UserRow) {
    return { user, access_token: sign({ sub: user.id }), token_type: 'Bearer', expires_in: EXPIRES_IN_S }
  }

  app.post<{ Body: Registration }>('/register', { schema: registration }, async (req, reply) => {
    const { username, email, password, name } = req.body
    const { rows } = await pool.query<UserRow>(
      'insert into users (username, email, name, password_hash) values ($1, $2, $3, $4) returning *',
      [username, email, name ?? username, await hash(password, { cost: bcryptCost })],
    )
    return reply.code(201).send(presentSession(rows[0]!))
  })

  app.post<{ Body: { email: string; password: string } }>('/login', { schema: login }, async (req) => {
    const { rows } = await pool.query<UserRow>('select * from users where email = $1', [req.body.email])
    const user = rows[0]
    if (!user || !(await compare(req.body.password, user.password_hash))) throw refuse(401, 'wrong_credentials')
    return presentSession(user)
  })

  return (authorization) => {
    if (!authorization?.startsWith('Bearer ')) throw refuse(401, 'not_signed_in')
    try {
      return verify(authorization.slice('Bearer '.length)).sub
    } catch {
      throw refuse(401, 'token_invalid')
    }
  }
}

const text = { type: 'string', minLength: 1, maxLength: 256 }
const registration = {
  body: {
    type: 'object',
    required: ['username', 'email', 'password'],
    properties: { username: text, email: text, password: text, name: text },
  },
}
const login = {
  body: { type: 'object', required: ['email', 'password'], properties: { email: text, password: text } },
}
