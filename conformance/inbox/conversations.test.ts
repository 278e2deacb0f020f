import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startWithOutside } from './outside.ts'
import { type Caller, data, idsOf, makeTeam, refused, rows } from './team.ts'

const { url, outside } = await startWithOutside()

const CAROL = { name: 'Carol King', email: 'carol@example.com', phone: '+14155550101' }

async function makeInbox() {
  const team = await makeTeam(url)
  const meet = (name: string, phone?: string) =>
    outside.meet({ workspaceId: team.workspace, name, ...(phone && { phone }) })
  return { ...team, meet, carol: await outside.meet({ workspaceId: team.workspace, ...CAROL }) }
}

const pathOf = ({ conversation: { id } }: { conversation: { id: string } }) => `/conversations/${id}`

async function namesOf(caller: Caller, query = ''): Promise<string[]> {
  return (await rows(caller.get(`/conversations?${query}`))).map(({ fullName }) => fullName)
}

test('a conversation shows the contact, the channel used last, what is unread and the newest message', async () => {
  const { bob, carol } = await makeInbox()
  const empty = await data(200, bob.get(pathOf(carol)))
  const { contactDetails, ...shown } = empty
  assert.deepEqual(shown, {
    id: carol.conversation.id,
    contactId: carol.contactId,
    fullName: CAROL.name,
    channel: 'SMS',
    unreadCount: 0,
    isStarred: false,
  })
  assert.deepEqual([contactDetails.email, contactDetails.phone, contactDetails.dnd], [CAROL.email, CAROL.phone, false])
  const written = await outside.hear(carol, { body: 'Is anybody there? <b>', transport: 'whatsapp' })
  const { lastMessage, ...after } = await data(200, bob.get(pathOf(carol)))
  assert.deepEqual(lastMessage, {
    id: written.id,
    message: 'Is anybody there? <b>',
    sender: CAROL.name,
    timestamp: written.createdAt,
    channel: 'WhatsApp',
  })
  assert.deepEqual([after.channel, after.unreadCount, after.lastMessageTimestamp], ['WhatsApp', 1, written.createdAt])
  await outside.tell(carol, { body: 'We are', transport: 'email', carrier: 'sendgrid', authorId: bob.id })
  const answered = await data(200, bob.get(pathOf(carol)))
  assert.deepEqual(
    [answered.channel, answered.lastMessage.sender, answered.lastMessage.channel],
    ['Email', 'You', 'Email'],
  )
})

test('the list is ordered by the newest message, filtered, and goes on page by page', async () => {
  const { ada, bob, carol, meet } = await makeInbox()
  const [dan, erin] = [await meet('Dan', '+14155550102'), await meet('Erin', '+14155550103')]
  await outside.hear(erin, 'first')
  await outside.tell(dan, { body: 'second', transport: 'whatsapp', authorId: ada.id })
  await outside.hear(carol, 'third')
  assert.deepEqual(await namesOf(bob), ['Carol King', 'Dan', 'Erin'])
  assert.deepEqual(await namesOf(bob, 'sort=oldest'), ['Erin', 'Dan', 'Carol King'])
  assert.deepEqual(await namesOf(bob, 'filter=unread'), ['Carol King', 'Erin'])
  assert.deepEqual(await namesOf(bob, 'filter=recents&channel=WhatsApp'), ['Dan'])
  assert.deepEqual(await namesOf(bob, 'filter=starred'), [])
  assert.deepEqual(await namesOf(bob, 'channel=SMS'), ['Carol King', 'Erin'])
  const pages = []
  for (const page of [1, 2, 3]) pages.push(await namesOf(bob, `pageSize=2&page=${page}`))
  assert.deepEqual(pages, [['Carol King', 'Dan'], ['Erin'], []])
  const { meta } = await data(200, bob.get('/conversations?pageSize=2'))
  assert.deepEqual(meta, { total: 3, page: 1, pageSize: 2, totalPages: 2 })
  const wrong = ['filter=all2', 'channel=sms', 'sort=x', 'page=0', 'pageSize=101', 'pageSize=-1', 'search=%00']
  for (const query of wrong) {
    await refused(`422 invalid_request ${query.split('=')[0]}`, bob.get(`/conversations?${query}`))
  }
})

test('a star and what is unread are those of the whole team', async () => {
  const { ada, bob, carol } = await makeInbox()
  await outside.hear(carol, 'one')
  await outside.hear(carol, 'two')
  const read = await data(200, bob.patch(pathOf(carol), { unreadCount: 0, isStarred: true }))
  assert.deepEqual([read.unreadCount, read.isStarred, read.lastMessage.message], [0, true, 'two'])
  assert.deepEqual(await data(200, ada.get(pathOf(carol))), read)
  assert.deepEqual(await namesOf(ada, 'filter=starred'), [CAROL.name])
  assert.deepEqual(await namesOf(ada, 'filter=unread'), [])
  assert.equal((await data(200, ada.patch(pathOf(carol), { unreadCount: 7 }))).unreadCount, 7)
  await outside.hear(carol, 'three')
  const { unreadCount, isStarred } = await data(200, bob.get(pathOf(carol)))
  assert.deepEqual([unreadCount, isStarred], [8, true])
  assert.equal((await data(200, ada.patch(pathOf(carol), {}))).unreadCount, 8)
  for (const unread of [-1, 1.5, '0', null, 1e15]) {
    await refused('422 invalid_request unreadCount', bob.patch(pathOf(carol), { unreadCount: unread }))
  }
  await refused('422 invalid_request isStarred', bob.patch(pathOf(carol), { isStarred: 'yes' }))
})

test('a deleted conversation is gone for everybody, and the contact begins a new one by writing', async () => {
  const { ada, bob, carol, workspace } = await makeInbox()
  await outside.hear(carol, 'before')
  const { message } = await data(200, bob.delete(pathOf(carol)))
  assert.equal(typeof message, 'string')
  const path = pathOf(carol)
  const attempts = [ada.get(path), ada.get(`${path}/messages`), ada.patch(path, { isStarred: true }), ada.delete(path)]
  for (const attempt of attempts) await refused('404 conversation_not_found', attempt)
  assert.deepEqual(await namesOf(ada), [])
  const anew = await outside.open({ workspaceId: workspace, contactId: carol.contactId })
  await outside.hear(anew, 'after')
  const [only, ...others] = await rows(ada.get('/conversations'))
  assert.deepEqual([only.contactId, only.lastMessage.message, others], [carol.contactId, 'after', []])
  assert.notEqual(only.id, carol.conversation.id)
  assert.equal((await data(200, ada.get(`/conversations/${only.id}/messages`))).meta.total, 1)
})

test('a conversation is not there for other workspaces, and guests are refused', async () => {
  const { ada, eve, gus, mallory, carol, workspace, otherWorkspace } = await makeInbox()
  const path = pathOf(carol)
  const attempts = (caller: Caller, to: string) => [
    caller.get(to),
    caller.get(`${to}/messages`),
    caller.patch(to, { isStarred: true }),
    caller.delete(to),
  ]
  const missing = `/conversations/${crypto.randomUUID()}`
  const nothing = await refused('404 conversation_not_found', mallory.get(missing))
  for (const attempt of attempts(mallory, path)) {
    assert.deepEqual(await refused('404 conversation_not_found', attempt), nothing)
  }
  for (const attempt of attempts(mallory.within(workspace), path)) await refused('404 workspace_not_found', attempt)
  for (const attempt of attempts(ada.within(otherWorkspace), path)) await refused('404 workspace_not_found', attempt)
  for (const attempt of attempts(eve, path)) await refused('404 workspace_not_found', attempt)
  for (const attempt of attempts(gus, path)) await refused('403 permission_denied', attempt)
  for (const attempt of attempts(ada, '/conversations/nonsense')) {
    await refused('422 invalid_request conversationId', attempt)
  }
  assert.deepEqual(await namesOf(mallory), [])
  assert.deepEqual(idsOf(await rows(ada.get('/conversations'))), [carol.conversation.id])
  const shouted = await data(200, ada.get(path.replace(carol.conversation.id, carol.conversation.id.toUpperCase())))
  assert.equal(shouted.id, carol.conversation.id)
})
