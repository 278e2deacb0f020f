import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { createPublicKey } from '../../core/clients/keys.ts'
import { createLogger } from '../../platform/log.ts'
import { clientHeaders, testClientApi } from '../../testing/client-api.ts'
import { createTestClient } from '../../testing/clients.ts'
import { testWorld } from '../../testing/world.ts'

const url = '/api/v1/customers'
const ALERTS = new URL('../../../../docs/alerts.yaml', import.meta.url)

test('every request is one line: who asked for what and how it went, and nothing of what was said', async (t) => {
  const { runtime } = await testWorld(t, { limits: { clientWrites: { points: 1, durationS: 60 } } })
  const { lines, log } = captureLog()
  const app = await testClientApi(t, runtime, { log })
  const acme = await createTestClient(runtime)
  const headers = { ...clientHeaders(acme, 'test'), 'x-request-id': 'r1' }
  const payload = { name: 'Ada', email: 'ada@private.example' }
  await app.inject({ method: 'POST', url: `${url}?email=ada@private.example`, headers, payload })
  await app.inject({ method: 'POST', url, headers, payload })
  await app.inject({ url, headers: { ...headers, authorization: 'Bearer sk_test_wrong' } })
  await app.inject({ url, headers: { ...headers, 'x-public-key': createPublicKey() } })
  const client = acme.client.id
  assert.deepEqual(
    lines().map(({ level, method, route, status, client, livemode, request_id, limit, reason }) => [
      ...[level, method, route, status, client, livemode, request_id],
      limit ?? reason,
    ]),
    [
      [30, 'POST', url, 200, client, false, 'r1', undefined],
      [40, 'POST', url, 429, client, false, 'r1', 'clientWrites'],
      [40, 'GET', url, 401, client, null, 'r1', 'invalid_client_token'],
      [40, 'GET', url, 401, null, null, 'r1', 'unknown_public_key'],
    ],
  )
  for (const { duration_ms } of lines()) assert.equal(typeof duration_ms, 'number')
  assert.doesNotMatch(JSON.stringify(lines()), /sk_test|sk_live|private\.example|Ada/)
})

test('a fault of ours is an error in the log', async (t) => {
  const { runtime } = await testWorld(t)
  const { lines, log } = captureLog()
  const app = await testClientApi(t, runtime, { log })
  const acme = await createTestClient(runtime)
  await app.inject({ url: `${url}/1`, headers: clientHeaders(acme) })
  assert.deepEqual(
    lines().map(({ level, status, err }) => [level, status, err?.message]),
    [
      [50, undefined, 'a fault of ours'],
      [30, 500, undefined],
    ],
  )
})

test('requests, times, errors, failed authentications and limits are counted by client and route', async (t) => {
  const { runtime } = await testWorld(t, { limits: { clientReads: { points: 2, durationS: 60 } } })
  const app = await testClientApi(t, runtime)
  const acme = await createTestClient(runtime)
  for (let i = 0; i < 3; i++) await app.inject({ url, headers: clientHeaders(acme) })
  await app.inject({ url: `${url}/1`, headers: clientHeaders(acme, 'test') })
  await app.inject({ url, headers: { ...clientHeaders(acme), authorization: 'Bearer wrong' } })
  for (let i = 0; i < 2; i++)
    await app.inject({ url, headers: { ...clientHeaders(acme), 'x-public-key': createPublicKey() } })
  const { body } = await app.inject({ url: '/metrics' })
  const here = `client="${acme.client.id}",route="${url}"`
  for (const sample of [
    `parlance_client_requests_total{${here},method="GET"} 4`,
    `parlance_client_requests_total{client="none",route="${url}",method="GET"} 2`,
    `parlance_client_request_duration_seconds_count{${here}} 4`,
    `parlance_client_errors_total{${here},status="429"} 1`,
    `parlance_client_errors_total{client="${acme.client.id}",route="${url}/:id",status="500"} 1`,
    `parlance_client_auth_failures_total{${here},reason="invalid_client_token"} 1`,
    `parlance_client_auth_failures_total{client="none",route="${url}",reason="unknown_public_key"} 2`,
    `parlance_client_rate_limited_total{${here},limit="clientReads"} 1`,
  ]) {
    assert.ok(
      body.split('\n').includes(sample),
      `${sample} is not in\n${body.match(/^parlance_client.*$/gm)?.join('\n')}`,
    )
  }
})

test('the alerts are about series and labels that there are', async (t) => {
  const { runtime } = await testWorld(t, { limits: { clientReads: { points: 1, durationS: 60 } } })
  const app = await testClientApi(t, runtime)
  const acme = await createTestClient(runtime)
  for (let i = 0; i < 2; i++) await app.inject({ url, headers: clientHeaders(acme) })
  await app.inject({ url })
  const { body } = await app.inject({ url: '/metrics' })
  const expressions = [...(await readFile(ALERTS, 'utf8')).matchAll(/expr: (?:\|\n((?: {10,}.*\n)+)|(.*)\n)/g)].map(
    ([, block, line]) => block ?? line!,
  )
  assert.equal(expressions.length, 4)
  for (const expression of expressions) {
    const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(/, */))
    const series = [...expression.matchAll(/\b(parlance_\w+)(?:\{([^}]*)\})?/g)]
    assert.ok(series.length > 0, expression)
    for (const [, name, selector = ''] of series) {
      const sample = body.match(new RegExp(`^${name}\\{(.*)\\} `, 'm'))?.[1]
      assert.ok(sample, `${name} is not exposed`)
      const selected = [...selector.matchAll(/(\w+)(?==|!=|=~|!~)/g)].map(([, label]) => label!)
      for (const label of [...grouped, ...selected])
        assert.match(sample, new RegExp(`\\b${label}="`), `${name} has no ${label}`)
    }
  }
})

// biome-ignore lint/suspicious/noExplicitAny: lines are what a test looks into, whatever they are.
type Line = any

function captureLog() {
  let written = ''
  const write = (text: string) => {
    written += text
  }
  const log = createLogger('info', { write })
  return {
    log,
    lines: (): Line[] =>
      written
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  }
}
