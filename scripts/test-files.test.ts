import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suiteOf } from './test-files.ts'

test('the suite of a test stands in its file name', () => {
  assert.equal(suiteOf('server/src/core/messages/send-message.test.ts'), 'quick')
  assert.equal(suiteOf('conformance/resume.model.test.ts'), 'model')
  assert.equal(suiteOf('conformance/kill.crash.test.ts'), 'crash')
  assert.equal(suiteOf('conformance/page.browser.test.ts'), 'browser')
})
