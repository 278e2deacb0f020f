import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { type Caller, makeTeam, say } from './team.ts'

const { url } = await startTestServer()

const search = async (person: Caller, q: string, more = ''): Promise<string[]> => {
  const rows = await readAll(person.get, `/search/messages?q=${encodeURIComponent(q)}${more}`)
  return rows.map(({ body }) => body)
}

/** The index follows the log: what a search finds is true in the end. */
const finds = (person: Caller, q: string, expected: string[], more = '') =>
  eventually(async () => assert.deepEqual(await search(person, q, more), expected, q))

async function talk() {
  const team = await makeTeam(url)
  const { ada, bob, general, secret } = team
  await say(ada, general, 'The deploy went wrong on Friday')
  await say(bob, general, 'Déployer again? see https://example.com/log')
  await say(bob, secret, 'wrong password, went home')
  await say(ada, general, `@${bob.username} what is left?`)
  await finds(ada, 'left', [`@${bob.username} what is left?`])
  return team
}

test('words, phrases and beginnings are found, newest first, whatever their case and accents', async () => {
  const { ada, bob } = await talk()
  const [first, second, third] = [
    'The deploy went wrong on Friday',
    'Déployer again? see https://example.com/log',
    'wrong password, went home',
  ]
  await finds(ada, 'wrong', [third, first])
  await finds(bob, 'WENT wrong', [third, first])
  await finds(ada, '"went wrong"', [first])
  await finds(ada, 'deploy', [second, first])
  await finds(ada, 'deploy friday', [first])
  await finds(ada, 'nothing-of-that-sort', [])
})

test('operators narrow by person, place, date and what a message has', async () => {
  const { ada, bob, cy, general } = await talk()
  const [first, second, third] = [
    'The deploy went wrong on Friday',
    'Déployer again? see https://example.com/log',
    'wrong password, went home',
  ]
  const today = new Date().toISOString().slice(0, 10)
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  await finds(ada, `wrong from:@${bob.username}`, [third])
  await finds(ada, 'wrong from:me', [first])
  await finds(ada, 'wrong in:#general', [first])
  await finds(ada, 'wrong in:secret', [third])
  await finds(ada, `wrong after:${day(-1)}`, [third, first])
  await finds(ada, `wrong after:${day(1)}`, [])
  await finds(ada, `wrong before:${day(-1)}`, [])
  await finds(ada, `wrong on:${today}`, [third, first])
  await finds(ada, 'has:link', [second])
  await finds(ada, 'has:mention', [`@${bob.username} what is left?`])
  await finds(ada, 'has:file', [])
  await finds(ada, `from:@${cy.username}`, [])

  const root = await say(ada, general, 'a thread about fish')
  await say(bob, general, 'cod', { parent_message_id: root.id })
  await ok(201, bob.post(`/messages/${root.id}/reactions`, { reaction_content: '🐟' }))
  await eventually(async () => assert.ok((await search(ada, 'has:thread')).includes('a thread about fish')))
  await finds(ada, 'has:reaction', ['a thread about fish'])

  await ok(201, ada.post(`/dms/users/${bob.id}/messages`, { body: 'wrong number' }))
  await finds(bob, `wrong in:@${ada.username}`, ['wrong number'])
})

test('only what one can see is found', async () => {
  const { ada, bob, cy, gus, eve, mallory, workspace, secret } = await talk()
  await ok(201, ada.post(`/dms/users/${bob.id}/messages`, { body: 'wrong between us' }))
  await finds(bob, 'wrong', ['wrong between us', 'wrong password, went home', 'The deploy went wrong on Friday'])
  await finds(cy, 'wrong', ['The deploy went wrong on Friday'])
  for (const person of [gus, eve, mallory]) await finds(person, 'wrong', [])
  await finds(cy, 'wrong in:#secret', [])
  await finds(
    bob,
    'wrong',
    ['wrong password, went home', 'The deploy went wrong on Friday'],
    `&workspace_id=${workspace}`,
  )
  await refused('404 workspace_not_found', eve.get(`/search/messages?q=wrong&workspace_id=${workspace}`))
  await ok(204, ada.delete(`/channels/${secret}/members/${bob.id}`))
  await finds(bob, 'password', [])
})

test('an edit and a deletion are followed', async () => {
  const { ada, general } = await makeTeam(url)
  const { id } = await say(ada, general, 'the elephant')
  await finds(ada, 'elephant', ['the elephant'])
  await ok(200, ada.put(`/messages/${id}`, { body: 'the giraffe' }))
  await finds(ada, 'giraffe', ['the giraffe'])
  await finds(ada, 'elephant', [])
  await ok(204, ada.delete(`/messages/${id}`))
  await finds(ada, 'giraffe', [])
})

test('pages of results neither lose nor repeat while more is written', async () => {
  const { ada, general } = await makeTeam(url)
  for (let i = 0; i < 7; i++) await say(ada, general, `needle ${i}`)
  const all = [6, 5, 4, 3, 2, 1, 0].map((i) => `needle ${i}`)
  await finds(ada, 'needle', all)
  const get = async (path: string) => {
    const answer = await ada.get(path)
    await say(ada, general, 'needle late')
    return answer
  }
  const found = (await readAll(get, '/search/messages?q=needle&limit=2')).map(({ body }) => body)
  assert.deepEqual(
    found.filter((body) => body !== 'needle late'),
    all,
  )
})

test('what no search is', async () => {
  const { ada } = await makeTeam(url)
  await refused('422 invalid_request q', ada.get('/search/messages'))
  for (const q of ['x'.repeat(1_001), 'before:someday', 'has:luck', 'from:', 'in:']) {
    await refused('422 invalid_request q', ada.get(`/search/messages?q=${encodeURIComponent(q)}`))
  }
  await refused('422 invalid_cursor', ada.get('/search/messages?q=x&cursor=x'))
  await refused('422 invalid_request limit', ada.get('/search/messages?q=x&limit=1000'))
  for (const q of ["'; drop table messages; --", '%', '_', '& | ! ( ) :*', '"', '\\']) {
    const { status } = await ada.get(`/search/messages?q=${encodeURIComponent(q)}`)
    assert.ok(status === 200 || status === 422, `${q}: ${status}`)
  }
})
