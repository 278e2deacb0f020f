import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contactWorld } from '../../testing/contact-world.ts'
import { addAddress } from '../addresses/add-address.ts'
import { createContext } from '../context.ts'
import { addContact } from './add-contact.ts'
import { deleteContact } from './delete-contact.ts'
import { searchContacts } from './search-contacts.ts'

const PHONE = '+14155238886'

test('a contact is made with all that the team knows, and announced', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId, ids } = world
  const person = { email: 'Carol@Example.com', phone: 'whatsapp:+1 415 523 8886', username: 'carol', title: 'Buyer' }
  const { contact, addresses, owner } = await addContact(world.as('bob'), {
    ...{ ...person, workspaceId, name: ' Carol Jones ', avatarUrl: 'https://example.com/c.jpg' },
    ...{ ownerId: ids.cy, tags: ['VIP', 'vip'] },
  })
  const { name, email, phone, avatarUrl, tags } = contact
  assert.deepEqual([name, email, phone, tags], ['Carol Jones', 'carol@example.com', PHONE, ['VIP']])
  assert.deepEqual([contact.username, contact.title, avatarUrl], ['carol', 'Buyer', 'https://example.com/c.jpg'])
  assert.deepEqual(
    addresses.map(({ value, shown, isPrimary }) => [value, shown, isPrimary]),
    [
      ['carol@example.com', 'Carol@Example.com', true],
      [PHONE, null, true],
    ],
  )
  assert.equal(owner?.username, 'cy')
  const events = await world.events()
  assert.deepEqual(
    events.map(({ type, data }) => [type, 'contact' in data && data.contact]),
    [['contact.created', contact]],
  )
})

test('whoever is reached at one of the addresses already is that contact, unchanged, also at the same moment', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const other = await world.openNode()
  const contexts = [world.system, createContext(other.core, world.system.actor)]
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, i) => {
      const addresses = i % 2 ? { phone: PHONE, email: 'carol@example.com' } : { email: 'CAROL@example.com' }
      return addContact(contexts[i % 2]!, { ...addresses, workspaceId, name: `n${i}` })
    }),
  )
  assert.equal(new Set(made.map(({ contact }) => contact.id)).size, 1)
  const again = await addContact(world.as('bob'), {
    workspaceId,
    name: 'Other',
    email: 'carol@example.com',
    tags: ['x'],
  })
  assert.deepEqual(again, made.at(-1))
  assert.equal((await world.events()).length, 1)
})

test('addresses of two different people are refused, and nothing is made', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const carol = await world.makeContact('carol')
  const dan = await world.makeContact('dan')
  await addAddress(world.as('bob'), { workspaceId, contactId: dan, kind: 'phone', address: PHONE })
  const both = addContact(world.as('bob'), { workspaceId, name: 'Both', email: 'carol@example.com', phone: PHONE })
  await assert.rejects(both, { code: 'address_taken', param: 'phone', existingId: dan })
  const { rows } = await searchContacts(world.as('bob'), { workspaceId, page: 1, pageSize: 10 })
  assert.deepEqual(
    rows.map(({ contact }) => contact.id),
    [carol, dan],
  )
})

test('every field that is wrong is named, and nothing is made', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId, ids } = world
  const bob = world.as('bob')
  const refuse = async (fields: object, ...wrong: string[]) => {
    await assert.rejects(addContact(bob, { workspaceId, name: 'C', email: 'c@example.com', ...fields }), (error) => {
      const { code, fields } = error as { code?: string; fields?: object }
      assert.deepEqual([code, Object.keys(fields ?? {}).sort()], ['invalid_request', wrong])
      return true
    })
  }
  await refuse({ email: undefined }, 'email')
  await refuse(
    { name: ' ', email: 'x', phone: '5', tags: [''], title: '' },
    'email',
    'name',
    'phone',
    'tags.0',
    'title',
  )
  for (const avatarUrl of [
    'javascript:alert(1)',
    '/c.jpg',
    'https://a:b@example.com/',
    `https://${'x'.repeat(3000)}.example`,
  ]) {
    await refuse({ avatarUrl }, 'avatar_url')
  }
  for (const ownerId of [ids.gus, ids.eve]) await refuse({ ownerId }, 'owner_id')
  assert.equal((await world.events()).length, 0)
})

test('contacts are listed in the order in which they were made, page by page, while others are made', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const made: string[] = []
  const make = async () => made.push(await world.makeContact(`carol-${made.length}`))
  for (let i = 0; i < 5; i++) await make()
  await world.makeContact('erin', world.ids.otherWorkspace)
  const seen: string[] = []
  for (let page = 1; page <= 4; page++) {
    const { rows, totalCount } = await searchContacts(world.as('bob'), { workspaceId, page, pageSize: 2 })
    assert.equal(totalCount, made.length)
    seen.push(...rows.map(({ contact }) => contact.id))
    if (page < 3) await make()
  }
  assert.deepEqual(seen, made)
})

test('contacts are found by their name, email and number, as they are written, and only those of the workspace', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const bob = world.as('bob')
  const people = [
    { name: 'José Ángel', email: 'jose@example.com', phone: '+4915123456789' },
    { name: '陳大文', email: 'chan@example.hk' },
    { name: '100% Wool_Shop', email: 'shop@wool.example' },
  ]
  for (const person of people) await addContact(bob, { ...person, workspaceId })
  await world.makeContact('jose', world.ids.otherWorkspace)
  const find = async (search: string) => {
    const { rows, totalCount } = await searchContacts(bob, { workspaceId, search, page: 1, pageSize: 10 })
    assert.equal(totalCount, rows.length)
    return rows.map(({ contact }) => contact.name)
  }
  for (const text of ['jose angel', 'ANGEL', ' josé ', 'JOSE@', '0151 234', '+49 (151) 2345-6789', '15123']) {
    assert.deepEqual(await find(text), ['José Ángel'], text)
  }
  assert.deepEqual(await find('大文'), ['陳大文'])
  assert.deepEqual(await find('100%'), ['100% Wool_Shop'])
  assert.deepEqual(await find('wool_'), ['100% Wool_Shop'])
  assert.deepEqual(await find('nobody here'), [])
  assert.equal((await find('  ')).length, 3)
  await assert.rejects(find('a\0'), { code: 'invalid_request' })
  for (const name of ['gus', 'eve'] as const) {
    const code = name === 'gus' ? 'permission_denied' : 'workspace_not_found'
    await assert.rejects(searchContacts(world.as(name), { workspaceId, page: 1, pageSize: 1 }), { code })
    await assert.rejects(addContact(world.as(name), { workspaceId, name: 'X', email: 'x@example.com' }), { code })
  }
})

test('a deleted contact is neither found nor counted, and its addresses are free', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const contactId = await world.makeContact('carol')
  const client = createContext(world.runtime.core, {
    ...{ kind: 'client', id: crypto.randomUUID(), workspaceId, isLive: true, address: null },
  } as const)
  await deleteContact(client, { contactId })
  for (const search of ['', 'carol']) {
    const page = await searchContacts(world.as('bob'), { workspaceId, search, page: 1, pageSize: 10 })
    assert.deepEqual(page, { rows: [], totalCount: 0 })
  }
  const { contact } = await addContact(world.as('bob'), { workspaceId, name: 'Carol', email: 'carol@example.com' })
  assert.notEqual(contact.id, contactId)
})
