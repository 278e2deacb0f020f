import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { requireRoutesCovered, requireTestsCovered } from '../harness/coverage.ts'
import { startTestServer } from '../harness/test-server.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const { url } = await startTestServer()

test('COVERAGE.md names every route of the description, and no other', () =>
  requireRoutesCovered(FOLDER, { url, dialect: 'inbox' }))

test('every test that COVERAGE.md names is there, and every test is named', () => requireTestsCovered(FOLDER))
