import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPasswordHash } from './password-hash.ts'

test('looking for a password that nobody has takes as long as at one that is wrong', async () => {
  const passwords = createPasswordHash({ cost: 8 })
  const passwordHash = await passwords.hash('correct horse')
  const timeOf = async (hash: string | null) => {
    const begin = performance.now()
    assert.equal(await passwords.verify('battery staple', hash), false)
    return performance.now() - begin
  }
  const wrong: number[] = []
  const nobody: number[] = []
  for (let i = 0; i < 9; i++) {
    wrong.push(await timeOf(passwordHash))
    nobody.push(await timeOf(null))
  }
  // Without the work for nobody it is a thousandth. The fastest of each is the least disturbed by other programs.
  const ratio = Math.min(...nobody) / Math.min(...wrong)
  assert.ok(ratio > 0.5 && ratio < 2, String(ratio))
})

test('each hash has a salt of its own, and says whether its cost is the one that is asked for', async () => {
  const passwords = createPasswordHash({ cost: 4 })
  const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')])
  assert.notEqual(one, other)
  assert.equal(passwords.isOutdated(one), false)
  assert.equal(createPasswordHash({ cost: 5 }).isOutdated(one), true)
  assert.equal(passwords.isOutdated('!'), false)
})
