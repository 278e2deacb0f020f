import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { ok, readAll, refused } from '../harness/expect.ts'
import { startTestServer } from '../harness/test-server.ts'
import { makePerson, makeTeam, say } from './team.ts'

const { url } = await startTestServer()

test('twenty people react at once, and each counts once', async () => {
  const { ada, workspace, general } = await makeTeam(url)
  const { id } = await say(ada, general, 'who is in?')
  const people = await Promise.all(Array.from({ length: 20 }, () => makePerson(url, 'fan')))
  for (const person of people) await ok(201, ada.post(`/workspaces/${workspace}/members`, { user_id: person.id }))
  const path = `/messages/${id}/reactions`
  const answers = await Promise.all(
    people.flatMap((person) => [1, 2, 3].map(() => person.post(path, { reaction_content: '🎉' }))),
  )
  assert.equal(answers.filter(({ status }) => status === 201).length, 20)
  assert.equal(answers.filter(({ status }) => status === 200).length, 40)
  const message = await ok(200, ada.get(`/messages/${id}`))
  assert.deepEqual([message.reaction_count, message.reactions.length], [20, 20])
  const listed = await readAll(ada.get, `${path}?limit=7`)
  assert.equal(listed.length, 20)
  assert.deepEqual(listed, message.reactions)
  assert.deepEqual(listed.map(({ user_id }) => user_id).sort(), people.map((person) => person.id).sort())

  const taken = await Promise.all(people.flatMap((person) => [1, 2].map(() => person.delete(`${path}/🎉`))))
  assert.equal(taken.filter(({ status }) => status === 204).length, 20)
  assert.equal((await ok(200, ada.get(`/messages/${id}`))).reaction_count, 0)
})

test('the same reaction again is the first one', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const { id } = await say(ada, general, 'x')
  const first = await ok(201, bob.post(`/messages/${id}/reactions`, { reaction_content: ':shipit:' }))
  assert.deepEqual([first.message_id, first.user_id, first.reaction_content], [id, bob.id, ':shipit:'])
  assert.deepEqual(await ok(200, bob.post(`/message/${id}/reactions/`, { reaction_content: ':shipit:' })), first)
  await ok(201, bob.post(`/messages/${id}/reactions`, { reaction_content: '+1' }))
  assert.deepEqual(
    (await readAll(ada.get, `/message/${id}/reactions`)).map((one) => one.reaction_content),
    [':shipit:', '+1'],
  )
})

test('a reaction is taken back by its id and by its content, under both paths', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const { id } = await say(ada, general, 'x')
  for (const messages of ['/messages', '/message']) {
    const path = `${messages}/${id}/reactions`
    const react = () => ok(201, bob.post(path, { reaction_content: '👍🏽' }))
    const ways = [
      (reaction: { id: string }) => bob.delete(`${path}/${reaction.id}`),
      () => bob.delete(`${path}/${encodeURIComponent('👍🏽')}`),
      (reaction: { id: string }) => bob.delete(path, { reaction_id: reaction.id }),
      () => bob.delete(path, { reaction_content: '👍🏽' }),
      (reaction: { id: string }) => bob.delete(`${path}?reaction_id=${reaction.id}`),
      () => bob.delete(`${path}?reaction_content=${encodeURIComponent('👍🏽')}`),
      // The specification has both a segment in the path and the name in the body.
      (reaction: { id: string }) => bob.delete(`${path}/${reaction.id}`, { reaction_id: reaction.id }),
    ]
    for (const take of ways) {
      await ok(204, take(await react()))
      assert.deepEqual(await readAll(ada.get, path), [])
    }
    await refused('404 reaction_not_found', bob.delete(`${path}/👍🏽`))
    await refused('404 reaction_not_found', bob.delete(`${path}/${randomUUID()}`))
    await refused('422 invalid_request reaction_id', bob.delete(path))
  }
})

test("another's reaction cannot be taken back, not even by the owner", async () => {
  const { ada, bob, general } = await makeTeam(url)
  const { id } = await say(ada, general, 'x')
  const reaction = await ok(201, bob.post(`/messages/${id}/reactions`, { reaction_content: '👎' }))
  await refused('404 reaction_not_found', ada.delete(`/messages/${id}/reactions/${reaction.id}`))
  await refused('404 reaction_not_found', ada.delete(`/messages/${id}/reactions/👎`))
  const other = await say(ada, general, 'y')
  await refused('404 reaction_not_found', bob.delete(`/messages/${other.id}/reactions/${reaction.id}`))
  assert.deepEqual(await readAll(ada.get, `/messages/${id}/reactions`), [reaction])
})

test('what a reaction must be', async () => {
  const { ada, eve, gus, general } = await makeTeam(url)
  const path = `/messages/${(await say(ada, general, 'x')).id}/reactions`
  await refused('422 invalid_request reaction_content', ada.post(path, {}))
  for (const reaction_content of ['', ' ', 'two words', 'x'.repeat(65), 5, null, ['👍'], 'a\u0000', '\u200d']) {
    await refused('422 invalid_request reaction_content', ada.post(path, { reaction_content }))
  }
  for (const stranger of [eve, gus]) {
    await refused('404 message_not_found', stranger.post(path, { reaction_content: '👍' }))
    await refused('404 message_not_found', stranger.get(path))
    await refused('404 message_not_found', stranger.delete(`${path}/👍`))
  }
  await refused('404 message_not_found', ada.post(`/messages/${randomUUID()}/reactions`, { reaction_content: '👍' }))
  await refused('422 invalid_request message_id', ada.post('/messages/x/reactions', { reaction_content: '👍' }))
  assert.deepEqual(await readAll(ada.get, path), [])
  await ok(201, ada.post(path, { reaction_content: 'ツ' }))
})

test('twenty different reactions are all that a message takes, also at once; known ones still count', async () => {
  const { ada, bob, general } = await makeTeam(url)
  const path = `/messages/${(await say(ada, general, 'x')).id}/reactions`
  const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => ada.post(path, { reaction_content: `r${i}` })))
  assert.equal(answers.filter(({ status }) => status === 201).length, 20)
  const full = answers.find(({ status }) => status !== 201)!
  assert.deepEqual([full.status, full.body.error.code], [422, 'too_many_reactions'])
  const { reaction_content } = answers.find(({ status }) => status === 201)!.body
  await ok(201, bob.post(path, { reaction_content }))
  assert.equal((await readAll(ada.get, path)).length, 21)
})
