import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createTimelines } from '../../testing/timelines.ts'
import { testWorld } from '../../testing/world.ts'
import { addAddress } from '../addresses/add-address.ts'
import { listContactConversations } from './list-contact-conversations.ts'

async function searchWorld(t: TestContext) {
  const world = await testWorld(t)
  const { workspace: workspaceId, otherWorkspace } = world.ids
  const timelines = createTimelines(world.runtime.core)
  const find = async (search: string) => {
    const { rows } = await listContactConversations(world.as('bob'), { workspaceId, search, page: 1, pageSize: 50 })
    return rows.map(({ contact }) => contact.contact.name).sort()
  }
  return { ...world, ...timelines, find, workspaceId, otherWorkspace }
}

test('a person is found by parts of their name, without case and accents, and with typos', async (t) => {
  const { meet, find, workspaceId, otherWorkspace } = await searchWorld(t)
  for (const name of ['John Smith', 'Jürgen Müller', 'Katharine Øster', 'Al']) await meet({ workspaceId, name })
  await meet({ workspaceId: otherWorkspace, name: 'John Other' })
  for (const text of ['john', 'OHN', 'smi', 'smith john', 'Jonh Smith', 'Jhon', 'smiht', '  john  ']) {
    assert.deepEqual(await find(text), ['John Smith'], text)
  }
  for (const text of ['müller', 'MULLER', 'Mu\u0308ller', 'jurgen', 'Muler']) {
    assert.deepEqual(await find(text), ['Jürgen Müller'], text)
  }
  assert.deepEqual(await find('Katherine'), ['Katharine Øster'])
  assert.deepEqual(await find('al'), ['Al'])
  for (const text of ['zz', 'john müller', '%', '_', '\\', 'xohn smitten brothers'])
    assert.deepEqual(await find(text), [], text)
})

test('names in other scripts are found by any part of them, and with typos', async (t) => {
  const { meet, find, workspaceId } = await searchWorld(t)
  for (const name of ['Алексей Смирнов', '李明华', 'ضحى محمود', 'Γιώργος', 'Alex']) await meet({ workspaceId, name })
  for (const text of ['алексей', 'СМИР', 'мирно', 'Алeксей Смирнов'.replace('e', 'е'), 'Смиронв']) {
    assert.deepEqual(await find(text), ['Алексей Смирнов'], text)
  }
  for (const text of ['李', '明华', '李明华', '华']) assert.deepEqual(await find(text), ['李明华'], text)
  assert.deepEqual(await find('محمود'), ['ضحى محمود'])
  assert.deepEqual(await find('γιωργος'), ['Γιώργος'])
  // One character of another script is not the two letters that stand for it among trigrams.
  assert.deepEqual(await find('王'), [])
})

test('a person is found by parts of any address, and by a number however it is written', async (t) => {
  const { meet, find, workspaceId, as } = await searchWorld(t)
  const carol = await meet({ workspaceId, name: 'Carol', email: 'carol.king@shop.example', phone: '+14155550123' })
  await meet({ workspaceId, name: 'Dan', email: 'dan@shop.example', phone: '+4930901820' })
  await addAddress(as('ada'), { workspaceId, contactId: carol.contactId, kind: 'email', address: 'ck@other.example' })
  for (const text of [
    'carol.king@',
    'KING@SHOP',
    'ck@other',
    '+1 (415) 555-0123',
    '4155550123',
    '555 01',
    'caorl.king@shop.example',
  ]) {
    assert.deepEqual(await find(text), ['Carol'], text)
  }
  assert.deepEqual(await find('shop.example'), ['Carol', 'Dan'])
  assert.deepEqual(await find('+49 30 901820'), ['Dan'])
})

test('a conversation is found by the words of one of its messages, as soon as it was sent', async (t) => {
  const { meet, hear, tell, find, workspaceId, ids } = await searchWorld(t)
  const [carol, dan] = [await meet({ workspaceId, name: 'Carol' }), await meet({ workspaceId, name: 'Dan' })]
  await hear(carol, 'Where is my Röstkaffee?')
  await tell(dan, { body: '您的订单已发货 — tracking number follows', authorId: ids.ada })
  for (const text of ['rostkaffee', 'where my', 'röst']) assert.deepEqual(await find(text), ['Carol'], text)
  for (const text of ['订单', 'tracking numb', '发货']) assert.deepEqual(await find(text), ['Dan'], text)
  assert.deepEqual(await find('where tracking'), [])
})

test('what cannot be looked for is refused, and nothing to look for is no search', async (t) => {
  const { meet, find, workspaceId } = await searchWorld(t)
  await meet({ workspaceId, name: 'Carol' })
  assert.deepEqual(await find('   '), ['Carol'])
  for (const text of ['\0', '\ud800', 'x'.repeat(257)]) await assert.rejects(find(text), { code: 'invalid_request' })
  for (const text of ['!', "'", '&|:*', '<->', '((', '🙂', '\u0301']) assert.ok((await find(text)).length <= 1, text)
})
