import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestServer } from '../harness/test-server.ts'
import { data, idsOf, makeTeam, refused, rows } from './team.ts'

const { url } = await startTestServer()

test('a contact is made with all its fields, and shown so in the list', async () => {
  const { ada, bob, cy } = await makeTeam(url)
  const made = await data(
    201,
    bob.post('/contacts', {
      ...{ fullName: ' Carol Jones ', email: 'Carol@Example.com', phone: 'whatsapp:+1 415 523 8886' },
      ...{ username: 'carol', profile: 'https://example.com/c.jpg', title: 'Buyer', ownerId: cy.id },
      ...{ tags: ['VIP', ' vip'], unknown: true },
    }),
  )
  assert.deepEqual(made, {
    ...{ id: made.id, fullName: 'Carol Jones', username: 'carol', title: 'Buyer' },
    profile: 'https://example.com/c.jpg',
    email: 'Carol@Example.com',
    emails: [{ id: made.emails[0].id, email: 'Carol@Example.com', isPrimary: true }],
    phone: '+14155238886',
    phones: [{ id: made.phones[0].id, phone: '+14155238886', isPrimary: true }],
    owner: { id: cy.id, name: cy.username, username: cy.username },
    ...{ followers: [], tags: ['VIP'], automations: [], dnd: false, dndAll: false },
    ...{ createdAt: made.createdAt, updatedAt: made.createdAt },
  })
  assert.deepEqual(await rows(ada.get('/contacts')), [made])
})

test('a contact who is reached at the email or the phone already is answered unchanged, also at the same moment', async () => {
  const { bob } = await makeTeam(url)
  const first = await data(201, bob.post('/contacts', { fullName: 'Carol', phone: '+14155238886' }))
  const again = { fullName: 'Other', phone: '+1 415-523-8886', email: 'other@example.com', tags: ['x'] }
  assert.deepEqual(await data(201, bob.post('/contacts', again)), first)
  const many = Array.from({ length: 10 }, (_, i) => ({ fullName: `n${i}`, email: 'dan@example.com' }))
  const made = await Promise.all(many.map((body) => data(201, bob.post('/contacts', body))))
  assert.equal(new Set(idsOf(made)).size, 1)
  const both = { fullName: 'Both', phone: '+14155238886', email: 'DAN@example.com' }
  const { error } = await refused('409 address_taken phone', bob.post('/contacts', both))
  assert.equal(error.existingId, first.id)
  assert.equal((await rows(bob.get('/contacts'))).length, 2)
})

test('every field of a contact that is wrong is named, and nothing is made', async () => {
  const { bob, gus } = await makeTeam(url)
  const post = (fields: object) => bob.post('/contacts', { fullName: 'C', email: 'c@example.com', ...fields })
  await refused('422 invalid_request fullName', bob.post('/contacts', { email: 'c@example.com' }))
  await refused('422 invalid_request email', bob.post('/contacts', { fullName: 'C' }))
  await refused('422 invalid_request email fullName phone', post({ fullName: ' ', email: 'x', phone: '12' }))
  await refused('422 invalid_request profile tags.1', post({ profile: 'javascript:x', tags: ['ok', ''] }))
  await refused('422 invalid_request ownerId', post({ ownerId: gus.id }))
  await refused('422 invalid_request ownerId', post({ ownerId: 'x' }))
  await refused('422 invalid_request fullName', post({ fullName: 'x'.repeat(256) }))
  await refused('422 invalid_request fullName', post({ fullName: 'a\u0000b' }))
  assert.deepEqual(await rows(bob.get('/contacts')), [])
})

test('contacts are listed in the order in which they were made, page by page, while others are made', async () => {
  const { bob } = await makeTeam(url)
  const made: string[] = []
  const make = async () => {
    const n = made.length
    made.push((await data(201, bob.post('/contacts', { fullName: `n${n}`, email: `n${n}@example.com` }))).id)
  }
  for (let i = 0; i < 5; i++) await make()
  const seen: string[] = []
  for (let page = 1; page <= 4; page++) {
    const { data: found, meta } = await data(200, bob.get(`/contacts?page=${page}&pageSize=2`))
    assert.deepEqual(meta, { total: made.length, page, pageSize: 2, totalPages: Math.ceil(made.length / 2) })
    seen.push(...idsOf(found))
    if (page < 3) await make()
  }
  assert.deepEqual(seen, made)
  for (const query of ['page=0', 'page=x', 'page=10001']) {
    await refused('422 invalid_request page', bob.get(`/contacts?${query}`))
  }
  for (const query of ['pageSize=0', 'pageSize=101']) {
    await refused('422 invalid_request pageSize', bob.get(`/contacts?${query}`))
  }
})

test('contacts are found by a part of their name, email or phone number', async () => {
  const { bob } = await makeTeam(url)
  const person = { fullName: 'José Ángel', email: 'jose@example.com', phone: '+4915123456789' }
  const { id } = await data(201, bob.post('/contacts', person))
  await data(201, bob.post('/contacts', { fullName: '100% Wool', email: 'shop@wool.example' }))
  for (const search of ['jose', 'ÁNGEL', 'jose@ex', '+49 151', '0151-234']) {
    const found = await rows(bob.get(`/contacts?search=${encodeURIComponent(search)}`))
    assert.deepEqual(idsOf(found), [id], search)
  }
  assert.equal((await rows(bob.get('/contacts?search=100%25'))).length, 1)
  assert.equal((await rows(bob.get('/contacts?search='))).length, 2)
  assert.deepEqual(await rows(bob.get('/contacts?search=nobody')), [])
  await refused('422 invalid_request search', bob.get('/contacts?search=%00'))
  await refused('422 invalid_request search', bob.get(`/contacts?search=${'x'.repeat(257)}`))
})

test('contacts are for the team of their workspace alone', async () => {
  const { ada, bob, gus, eve, mallory, workspace } = await makeTeam(url)
  const body = { fullName: 'Carol', email: 'carol@example.com' }
  const theirs = await data(201, ada.post('/contacts', body))
  for (const ask of [gus.get('/contacts'), gus.post('/contacts', body)]) await refused('403 permission_denied', ask)
  for (const caller of [eve, mallory.within(workspace)]) {
    await refused('404 workspace_not_found X-Workspace-Id', caller.get('/contacts'))
    await refused('404 workspace_not_found X-Workspace-Id', caller.post('/contacts', body))
  }
  assert.deepEqual(await rows(mallory.get('/contacts?search=carol')), [])
  assert.notEqual((await data(201, mallory.post('/contacts', body))).id, theirs.id)
  assert.deepEqual(idsOf(await rows(bob.get('/contacts'))), [theirs.id])
})
