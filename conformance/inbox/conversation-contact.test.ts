import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../harness/test-server.ts'
import { data, idsOf, makeTeam, refused } from './team.ts'

const { url } = await startTestServer()

async function makeInbox() {
  const team = await makeTeam(url)
  const contact = { fullName: 'Carol', email: 'carol@example.com' }
  const conversation = await data(201, team.bob.post('/conversations', { contact }))
  return { ...team, conversation, path: `/conversations/${conversation.id}/contact` }
}

test('the contact of a conversation is shown and changed, for the whole team', async () => {
  const { ada, bob, cy, conversation, path } = await makeInbox()
  const before = await data(200, ada.get(path))
  assert.deepEqual(before, conversation.contactDetails)
  const after = await data(
    200,
    bob.patch(path, {
      ...{ email: 'Carol@Work.example', phone: '+1 415 555 0101', ownerId: cy.id, followers: [ada.id, bob.id, ada.id] },
      ...{ tags: ['VIP', 'vip', ' Leeds '], dnd: true },
    }),
  )
  assert.deepEqual(
    { ...after, followers: idsOf(after.followers).sort() },
    {
      email: 'Carol@Work.example',
      emails: [{ id: before.emails[0].id, email: 'Carol@Work.example', isPrimary: true }],
      phone: '+14155550101',
      phones: [{ id: after.phones[0].id, phone: '+14155550101', isPrimary: true }],
      owner: { id: cy.id, name: cy.username, username: cy.username },
      followers: [ada.id, bob.id].sort(),
      ...{ tags: ['VIP', 'Leeds'], automations: [], dnd: true, dndAll: true },
    },
  )
  assert.deepEqual(await data(200, ada.get(path)), after)
  const shown = await data(200, ada.get(`/conversations/${conversation.id}`))
  assert.deepEqual(shown.contactDetails, after)
  assert.deepEqual(await data(200, ada.patch(path, {})), after)
  const less = await data(200, ada.patch(path, { ownerId: null, followers: [], tags: [], dndAll: false }))
  assert.deepEqual([less.owner, less.followers, less.tags, less.dnd, less.dndAll], [undefined, [], [], false, false])
})

test('every field of the contact that is wrong is named, and nothing changes', async () => {
  const { bob, gus, eve, path } = await makeInbox()
  const before = await data(200, bob.get(path))
  const patch = (body: object) => bob.patch(path, { tags: ['new'], ...body })
  await refused('422 invalid_request email phone', patch({ email: 'x', phone: '0151 23456789' }))
  await refused('422 invalid_request email', patch({ email: null }))
  await refused('422 invalid_request followers.1 ownerId', patch({ ownerId: gus.id, followers: [bob.id, eve.id] }))
  await refused('422 invalid_request followers.0', patch({ followers: ['x'] }))
  await refused('422 invalid_request tags.0', patch({ tags: ['x'.repeat(65)] }))
  await refused('422 invalid_request tags', patch({ tags: Array.from({ length: 51 }, (_, i) => `t${i}`) }))
  await refused('422 invalid_request dnd', patch({ dnd: 'yes' }))
  assert.deepEqual(await data(200, bob.get(path)), before)
})

test('of dnd and dndAll, sent back together, the one that was changed counts', async () => {
  const { bob, path } = await makeInbox()
  const set = async (body: object) => {
    const { dnd, dndAll } = await data(200, bob.patch(path, body))
    assert.equal(dnd, dndAll)
    return dnd
  }
  assert.equal(await set({ dnd: false, dndAll: true }), true)
  assert.equal(await set({ dnd: true, dndAll: false }), false)
  assert.equal(await set({ dnd: true, dndAll: true }), true)
  assert.equal(await set({ dnd: false }), false)
})

test('emails and phones are added, also as the primary one, up to 20 of each, and not those of others', async () => {
  const { ada, bob, path } = await makeInbox()
  const more = await data(201, bob.post(`${path}/emails`, { email: 'two@example.com', isPrimary: true }))
  assert.deepEqual([more.email, more.emails.length], ['two@example.com', 2])
  assert.deepEqual(await data(201, bob.post(`${path}/emails`, { email: 'CAROL@example.com' })), more)
  const { phones, phone } = await data(201, bob.post(`${path}/phones`, { phone: 'whatsapp:+14155550101' }))
  assert.deepEqual([phone, phones[0].phone, phones[0].isPrimary], ['+14155550101', '+14155550101', true])
  for (const [what, body] of [
    ['email', {}],
    ['email', { email: 'nonsense' }],
    ['phone', { phone: 'TWILIO' }],
  ] as const) {
    await refused(`422 invalid_request ${what}`, bob.post(`${path}/${what}s`, body))
  }
  const { id } = await data(201, ada.post('/contacts', { fullName: 'Dan', email: 'dan@example.com' }))
  const taken = await refused('409 address_taken email', bob.post(`${path}/emails`, { email: 'dan@example.com' }))
  assert.equal(taken.error.existingId, id)
  const add = (i: number) => bob.post(`${path}/phones`, { phone: `+1415555${1000 + i}` })
  await Promise.all(Array.from({ length: 19 }, (_, i) => data(201, add(i))))
  await refused('422 too_many_addresses phone', add(19))
})

test('tags are added and removed one by one, whatever characters they have', async () => {
  const { ada, bob, path } = await makeInbox()
  const long = '🙂'.repeat(64)
  for (const tag of [' A/B test ', '50% off', long, 'a/b TEST']) await data(201, bob.post(`${path}/tags`, { tag }))
  assert.deepEqual((await data(200, ada.get(path))).tags, ['A/B test', '50% off', long])
  for (const tag of ['a/b TEST', '50% off', long]) {
    await data(200, ada.delete(`${path}/tags/${encodeURIComponent(tag)}`))
  }
  assert.deepEqual((await data(200, ada.get(path))).tags, [])
  await refused('404 contact_tag_not_found tag', ada.delete(`${path}/tags/none`))
  for (const tag of ['', ' ', 'x'.repeat(65), 'a\nb', 5]) {
    await refused('422 invalid_request tag', bob.post(`${path}/tags`, { tag }))
  }
})

test('members follow a contact and stop, and nobody else can', async () => {
  const { ada, bob, cy, gus, mallory, path } = await makeInbox()
  await Promise.all([bob, cy, bob].map(({ id: userId }) => data(201, ada.post(`${path}/followers`, { userId }))))
  assert.deepEqual(idsOf((await data(200, bob.get(path))).followers).sort(), [bob.id, cy.id].sort())
  for (const userId of [gus.id, mallory.id, crypto.randomUUID(), 'x']) {
    await refused('422 invalid_request userId', ada.post(`${path}/followers`, { userId }))
  }
  const { followers } = await data(200, cy.delete(`${path}/followers/${bob.id}`))
  assert.deepEqual(idsOf(followers), [cy.id])
  await refused('404 follower_not_found userId', cy.delete(`${path}/followers/${bob.id}`))
})
