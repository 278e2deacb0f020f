import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError, type ErrorCode, type ErrorDetail, invalidField } from '../../core/errors.ts'
import { readFailure } from '../../http/failure.ts'
import { HttpError } from '../../http/http-error.ts'
import { silentLogger } from '../../platform/log.ts'
import { clientHeaders, testClientApi } from '../../testing/client-api.ts'
import { createTestClient } from '../../testing/clients.ts'
import { testWorld } from '../../testing/world.ts'
import { presentFailure, statusOf } from './errors.ts'

function answerTo(error: unknown) {
  const failure = readFailure(error)!
  return { status: statusOf(failure), ...presentFailure(failure) }
}

const appError = (code: ErrorCode, detail?: ErrorDetail) => answerTo(new AppError(code, detail))

test('each kind of failure has its status and its type', () => {
  const cases: [ErrorCode, number, string, string][] = [
    ['unknown_public_key', 401, 'authentication_error', 'unknown_public_key'],
    ['permission_denied', 403, 'permission_error', 'permission_denied'],
    ['conversation_not_found', 404, 'invalid_request_error', 'resource_missing'],
    ['message_deleted', 409, 'invalid_request_error', 'message_deleted'],
    ['idempotency_key_reused', 409, 'idempotency_error', 'idempotency_key_reused'],
    ['idempotency_key_in_use', 409, 'idempotency_error', 'idempotency_key_in_use'],
    ['message_empty', 422, 'invalid_request_error', 'message_empty'],
    ['rate_limited', 429, 'rate_limit_error', 'rate_limited'],
    ['internal', 500, 'api_error', 'internal'],
    ['unavailable', 503, 'api_error', 'unavailable'],
  ]
  for (const [code, status, type, shown] of cases) {
    const answer = appError(code)
    assert.deepEqual([answer.status, answer.error.type, answer.error.code], [status, type, shown])
  }
})

test('what cannot be understood is the request’s fault, and so is an unknown path', () => {
  const malformed = answerTo(new HttpError('malformed_json'))
  assert.deepEqual(
    [malformed.status, malformed.error.type, malformed.error.code],
    [400, 'invalid_request_error', 'malformed_json'],
  )
  const unknown = answerTo(new HttpError('route_not_found'))
  assert.deepEqual([unknown.status, unknown.error.code], [404, 'route_not_found'])
  assert.equal(answerTo(new HttpError('method_not_allowed')).error.type, 'invalid_request_error')
})

test('a field of an operation is named like one of the schema', () => {
  assert.deepEqual(answerTo(invalidField('metadata', 'must be an object')), {
    status: 422,
    error: {
      type: 'invalid_request_error',
      code: 'parameter_invalid',
      message: 'Invalid parameter: metadata must be an object',
      param: 'metadata',
    },
    errors: { metadata: ['The metadata field must be an object.'] },
  })
  const { error, errors } = appError('message_empty', { param: 'content' })
  assert.equal(error.param, 'content')
  assert.deepEqual(Object.keys(errors!), ['content'])
  assert.equal(appError('invalid_cursor', { param: 'starting_after' }).error.code, 'invalid_cursor')
})

test('a missing parameter comes before a wrong one, and every one is named', async (t) => {
  const { runtime } = await testWorld(t)
  const app = await testClientApi(t, runtime)
  const acme = await createTestClient(runtime)
  const post = (payload: object) =>
    app.inject({ method: 'POST', url: '/api/v1/customers', payload, headers: clientHeaders(acme) })
  const missing = await post({ email: 'nowhere', customer_uuids: ['x'] })
  assert.equal(missing.statusCode, 422)
  assert.deepEqual(missing.json().error, {
    type: 'invalid_request_error',
    code: 'parameter_missing',
    message: 'Missing required parameter: name',
    param: 'name',
  })
  assert.deepEqual(Object.keys(missing.json().errors).sort(), ['customer_uuids.0', 'email', 'name'])
  assert.deepEqual(missing.json().errors.name, ['The name field is required.'])
  const wrong = (await post({ email: 'ada@example.com', name: 'far too long' })).json()
  assert.deepEqual([wrong.error.code, wrong.error.param], ['parameter_invalid', 'name'])
  assert.deepEqual(wrong.errors, { name: ['The name field must have at most 5 characters.'] })
})

test('a fault of ours says nothing of itself', async (t) => {
  const { runtime } = await testWorld(t)
  const app = await testClientApi(t, runtime, { log: silentLogger })
  const acme = await createTestClient(runtime)
  const answer = await app.inject({ url: '/api/v1/customers/1', headers: clientHeaders(acme) })
  assert.equal(answer.statusCode, 500)
  assert.deepEqual(answer.json(), {
    error: { type: 'api_error', code: 'internal', message: 'Something went wrong on our side.' },
  })
})
