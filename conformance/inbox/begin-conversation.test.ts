import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../harness/test-server.ts'
import { data, idsOf, makeTeam, refused, rows } from './team.ts'

const { url } = await startTestServer()
const CAROL = { fullName: 'Carol', email: 'carol@example.com', phone: '+14155550101' }

test('a conversation is begun with somebody new, who is a contact then', async () => {
  const { ada, bob } = await makeTeam(url)
  const begun = await data(201, bob.post('/conversations', { contact: CAROL, channel: 'WhatsApp' }))
  assert.deepEqual([begun.fullName, begun.channel, begun.unreadCount, begun.isStarred], ['Carol', 'WhatsApp', 0, false])
  assert.deepEqual([begun.contactDetails.email, begun.contactDetails.phone], [CAROL.email, CAROL.phone])
  assert.equal('lastMessage' in begun, false)
  assert.deepEqual(await data(200, ada.get(`/conversations/${begun.id}`)), begun)
  assert.deepEqual(idsOf(await rows(ada.get('/conversations'))), [begun.id])
  assert.deepEqual(idsOf(await rows(ada.get('/contacts'))), [begun.contactId])
})

test('a contact has one conversation, however it is begun, also at the same moment', async () => {
  const { ada, bob } = await makeTeam(url)
  const { id: contactId } = await data(201, bob.post('/contacts', CAROL))
  const bodies = [
    { contactId },
    { contactId: contactId.toUpperCase(), channel: 'Email' },
    { contact: CAROL, channel: 'SMS' },
    { contact: { fullName: 'Other', email: 'CAROL@example.com' }, channel: 'Email' },
  ]
  const begun = await Promise.all(
    [...bodies, ...bodies].map((body, i) => data(201, (i % 2 ? ada : bob).post('/conversations', body))),
  )
  assert.equal(new Set(idsOf(begun)).size, 1)
  assert.deepEqual([...new Set(begun.map(({ fullName }) => fullName))], ['Carol'])
  const [only, ...others] = await rows(ada.get('/conversations'))
  assert.deepEqual([only.contactId, others], [contactId, []])
  const again = await data(201, ada.post('/conversations', { contactId, channel: 'WhatsApp' }))
  assert.equal(again.channel, only.channel)
})

test('every field that is wrong is named, and nobody is made', async () => {
  const { ada, bob, mallory } = await makeTeam(url)
  const begin = (body: object) => bob.post('/conversations', body)
  await refused('422 invalid_request contact', begin({}))
  await refused('422 invalid_request contact.fullName', begin({ contact: { email: 'x@example.com' } }))
  await refused('422 invalid_request contact.email contact.fullName', begin({ contact: { fullName: '', email: 'x' } }))
  await refused('422 invalid_request contact.phone', begin({ contact: { ...CAROL, phone: '5' } }))
  await refused('422 invalid_request contact.tags.0', begin({ contact: { ...CAROL, tags: [' '] } }))
  await refused('422 invalid_request contact.ownerId', begin({ contact: { ...CAROL, ownerId: mallory.id } }))
  const byMail = { fullName: 'Carol', email: CAROL.email }
  await refused('422 invalid_request contact.phone', begin({ contact: byMail, channel: 'SMS' }))
  await refused(
    '422 invalid_request contact.email',
    begin({ contact: { ...CAROL, email: undefined }, channel: 'Email' }),
  )
  await refused('422 invalid_request channel', begin({ contact: CAROL, channel: 'sms' }))
  await refused('422 invalid_request contactId', begin({ contactId: 'x' }))
  await refused('404 contact_not_found contactId', begin({ contactId: crypto.randomUUID() }))
  assert.deepEqual(await rows(ada.get('/contacts')), [])

  const { id: contactId } = await data(201, bob.post('/contacts', byMail))
  await refused('422 invalid_request contactId', begin({ contactId, contact: CAROL }))
  await refused('422 invalid_request channel', begin({ contactId, channel: 'WhatsApp' }))
  assert.deepEqual(await rows(ada.get('/conversations')), [])
})

test('conversations are begun by the team alone, with contacts of its workspace', async () => {
  const { bob, gus, eve, mallory, workspace } = await makeTeam(url)
  const { id: contactId } = await data(201, bob.post('/contacts', CAROL))
  for (const body of [{ contactId }, { contact: CAROL }]) {
    await refused('403 permission_denied', gus.post('/conversations', body))
    await refused('404 workspace_not_found', eve.post('/conversations', body))
    await refused('404 workspace_not_found', mallory.within(workspace).post('/conversations', body))
  }
  await refused('404 contact_not_found', mallory.post('/conversations', { contactId }))
  const theirs = await data(201, mallory.post('/conversations', { contact: CAROL }))
  assert.notEqual(theirs.contactId, contactId)
  assert.deepEqual(await rows(bob.get('/conversations')), [])
})
