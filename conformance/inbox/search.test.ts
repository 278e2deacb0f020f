import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startWithOutside } from './outside.ts'
import { type Caller, data, makeTeam, refused, rows } from './team.ts'

const { url, outside } = await startWithOutside()

async function makeInbox() {
  const team = await makeTeam(url)
  const meet = (name: string, address: { phone?: string; email?: string }) =>
    outside.meet({ workspaceId: team.workspace, name, ...address })
  const carol = await meet('Carol Müller', { phone: '+14155550101', email: 'carol@example.com' })
  const li = await meet('李明华', { email: 'li@example.org' })
  const anna = await meet('Анна Каренина', { phone: '+79161234567' })
  return { ...team, carol, li, anna }
}

async function find(caller: Caller, q: string, more = ''): Promise<string[]> {
  const found = await data(200, caller.get(`/conversations/search?q=${encodeURIComponent(q)}${more}`))
  const listed = await rows(caller.get(`/conversations?search=${encodeURIComponent(q)}${more}`))
  assert.deepEqual(found, listed)
  return found.map(({ fullName }: { fullName: string }) => fullName).sort()
}

test('conversations are found by name, email, phone and text, with typos and in any script', async () => {
  const { ada, bob, carol, li, anna } = await makeInbox()
  await outside.hear(carol, 'Where is my parcel?')
  await outside.tell(li, { body: '您的订单已发货', transport: 'email', carrier: 'sendgrid', authorId: ada.id })
  for (const q of ['carol', 'MULLER', 'Craol', 'example.com', '+1 (415) 555-0101', 'parcel', 'where my par']) {
    assert.deepEqual(await find(bob, q), ['Carol Müller'], q)
  }
  for (const q of ['明', '李明', 'li@', '订单']) assert.deepEqual(await find(bob, q), ['李明华'], q)
  for (const q of ['каренин', 'АННА', 'Карнеина', '9161234567'])
    assert.deepEqual(await find(bob, q), ['Анна Каренина'], q)
  assert.deepEqual(await find(bob, 'example'), ['Carol Müller', '李明华'])
  for (const q of ['nobody', '%', '_', "'; drop table", '<->', '🙂']) assert.deepEqual(await find(bob, q), [], q)
  assert.equal(anna.transport, 'sms')
})

test('a search is narrowed by filter and channel, and refused where there is nothing to look for', async () => {
  const { bob, carol, li, mallory, gus, eve } = await makeInbox()
  await outside.hear(carol, 'hello')
  await outside.hear(li, { body: 'hello', transport: 'email' })
  assert.deepEqual(await find(bob, 'hello'), ['Carol Müller', '李明华'])
  assert.deepEqual(await find(bob, 'hello', '&channel=Email'), ['李明华'])
  await data(200, bob.patch(`/conversations/${carol.conversation.id}`, { unreadCount: 0, isStarred: true }))
  assert.deepEqual(await find(bob, 'hello', '&filter=unread'), ['李明华'])
  assert.deepEqual(await find(bob, 'hello', '&filter=starred'), ['Carol Müller'])
  assert.deepEqual(await find(mallory, 'hello'), [])
  await refused('403 permission_denied', gus.get('/conversations/search?q=a'))
  await refused('404 workspace_not_found', eve.get('/conversations/search?q=a'))
  for (const query of ['', 'q=', 'q=%00', `q=${'x'.repeat(257)}`]) {
    await refused('422 invalid_request q', bob.get(`/conversations/search?${query}`))
  }
  await refused('422 invalid_request filter', bob.get('/conversations/search?q=a&filter=x'))
})
