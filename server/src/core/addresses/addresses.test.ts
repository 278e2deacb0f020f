import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Name } from '../../testing/cast.ts'
import { type ContactWorld, contactWorld } from '../../testing/contact-world.ts'
import { deleteContact } from '../contacts/delete-contact.ts'
import { updateContact } from '../contacts/update-contact.ts'
import { createContext } from '../context.ts'
import { addAddress } from './add-address.ts'
import { listAddresses } from './list-addresses.ts'
import { makePrimary } from './make-primary.ts'
import { findContactByAddress } from './queries.ts'
import { removeAddress } from './remove-address.ts'

const PHONE = '+14155238886'

test('the first address of a kind is the primary one, and each change is announced', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const contactId = await world.makeContact('carol')
  const bob = world.as('bob')
  const first = await addAddress(bob, { workspaceId, contactId, kind: 'phone', address: 'whatsapp:+1 415 523 8886' })
  const second = await addAddress(bob, {
    workspaceId,
    contactId,
    kind: 'phone',
    address: '(415) 523-8887',
    region: 'US',
  })
  await addAddress(bob, { workspaceId, contactId, kind: 'email', address: 'Carol@Work.example' })
  assert.deepEqual([first.value, first.isPrimary, second.value, second.isPrimary], [PHONE, true, '+14155238887', false])
  assert.deepEqual(await shown(world, contactId), [
    'email carol@example.com primary',
    'email carol@work.example (Carol@Work.example)',
    `phone ${PHONE} primary`,
    'phone +14155238887',
  ])
  assert.deepEqual(await announced(world, contactId), [
    ['contact.created', 'carol@example.com', null],
    ['contact.updated', 'carol@example.com', PHONE],
    ['contact.updated', 'carol@example.com', PHONE],
    ['contact.updated', 'carol@example.com', PHONE],
  ])
})

test('an address that the contact has already stays as it is, unannounced', async (t) => {
  const world = await contactWorld(t)
  const key = { workspaceId: world.workspaceId, contactId: await world.makeContact('carol') }
  const [known] = await listAddresses(world.as('bob'), key)
  assert.deepEqual(await addAddress(world.as('bob'), { ...key, kind: 'email', address: 'CAROL@example.com' }), known)
  assert.equal((await announced(world, key.contactId)).length, 1)
})

test('an address can be the primary one from the start, also one that the contact has already', async (t) => {
  const world = await contactWorld(t)
  const key = { workspaceId: world.workspaceId, contactId: await world.makeContact('carol') }
  const bob = world.as('bob')
  const second = { ...key, kind: 'email', address: 'two@example.com', isPrimary: true } as const
  assert.equal((await addAddress(bob, second)).isPrimary, true)
  assert.deepEqual(await shown(world, key.contactId), ['email two@example.com primary', 'email carol@example.com'])
  await addAddress(bob, { ...second, address: 'carol@example.com' })
  await addAddress(bob, { ...second, address: 'carol@example.com' })
  await addAddress(bob, { ...second, isPrimary: false })
  assert.deepEqual(await shown(world, key.contactId), ['email carol@example.com primary', 'email two@example.com'])
  assert.equal((await announced(world, key.contactId)).length, 3)
  const nonsense = addAddress(bob, { ...second, address: 'x', field: 'email' })
  await assert.rejects(nonsense, { fields: { email: ['must be an email address'] } })
})

test('another address is made primary, and after the primary one was removed the oldest other is', async (t) => {
  const world = await contactWorld(t)
  const key = { workspaceId: world.workspaceId, contactId: await world.makeContact('carol') }
  const ada = world.as('ada')
  const [first] = await listAddresses(ada, key)
  const second = await addAddress(ada, { ...key, kind: 'email', address: 'two@example.com' })
  const third = await addAddress(ada, { ...key, kind: 'email', address: 'three@example.com' })
  await makePrimary(ada, { ...key, addressId: third.id })
  const count = (await announced(world, key.contactId)).length
  await makePrimary(ada, { ...key, addressId: third.id })
  assert.equal((await announced(world, key.contactId)).length, count)
  await removeAddress(ada, { ...key, addressId: first!.id })
  assert.deepEqual(await shown(world, key.contactId), ['email three@example.com primary', 'email two@example.com'])
  await removeAddress(ada, { ...key, addressId: third.id })
  assert.deepEqual(await shown(world, key.contactId), ['email two@example.com primary'])
  await removeAddress(ada, { ...key, addressId: second.id })
  await assert.rejects(removeAddress(ada, { ...key, addressId: second.id }), { code: 'address_not_found' })
  // Not the one that was removed last, which a deleted contact would keep.
  assert.deepEqual((await announced(world, key.contactId)).at(-1), ['contact.updated', null, null])
})

test('a workspace has each address once, and its members hear whose it is', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const carol = await world.makeContact('carol')
  const dan = await world.makeContact('dan')
  const erin = await world.makeContact('erin', world.ids.otherWorkspace)
  const phone = { kind: 'phone', address: PHONE } as const
  const { id } = await addAddress(world.as('bob'), { workspaceId, contactId: carol, ...phone })
  const taken = addAddress(world.as('bob'), { workspaceId, contactId: dan, ...phone })
  await assert.rejects(taken, { code: 'address_taken', param: 'address', existingId: carol })
  await addAddress(world.as('mallory'), { workspaceId: world.ids.otherWorkspace, contactId: erin, ...phone })
  const find = (id: string) => findContactByAddress(world.system.db, { workspaceId: id, kind: 'phone', value: PHONE })
  assert.deepEqual([(await find(workspaceId))?.id, (await find(world.ids.otherWorkspace))?.id], [carol, erin])

  await removeAddress(world.as('bob'), { workspaceId, contactId: carol, addressId: id })
  assert.equal(await find(workspaceId), undefined)
  await addAddress(world.as('bob'), { workspaceId, contactId: dan, ...phone })
  assert.equal((await find(workspaceId))?.id, dan)
})

test('guests and strangers neither see nor change addresses, nor learn whose one is', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const contactId = await world.makeContact('carol')
  const foreignId = await world.makeContact('erin', world.ids.otherWorkspace)
  const [address] = await listAddresses(world.as('bob'), { workspaceId, contactId })
  const refused = async (name: Name, workspaceId: string, code: string) => {
    const [ctx, key] = [world.as(name), { workspaceId, contactId }]
    const refusal = { code, existingId: undefined }
    await assert.rejects(listAddresses(ctx, key), refusal)
    await assert.rejects(addAddress(ctx, { ...key, kind: 'email', address: 'carol@example.com' }), refusal)
    await assert.rejects(removeAddress(ctx, { ...key, addressId: address!.id }), refusal)
    await assert.rejects(makePrimary(ctx, { ...key, addressId: address!.id }), refusal)
  }
  await refused('gus', workspaceId, 'permission_denied')
  await refused('eve', workspaceId, 'workspace_not_found')
  await refused('mallory', workspaceId, 'workspace_not_found')
  // Where mallory is a member, carol's id is nobody's.
  await refused('mallory', world.ids.otherWorkspace, 'contact_not_found')
  const own = { workspaceId, contactId, addressId: (await addressesOf(world, foreignId))[0]!.id }
  await assert.rejects(makePrimary(world.as('bob'), own), { code: 'address_not_found' })
  await assert.rejects(removeAddress(world.as('bob'), own), { code: 'address_not_found' })
})

test('a contact has 20 addresses of a kind and no more, however many are added at once', async (t) => {
  const world = await contactWorld(t)
  const key = { workspaceId: world.workspaceId, contactId: await world.makeContact('carol') }
  const phones = Array.from({ length: 23 }, (_, i) => `+1415523${1000 + i}`)
  const outcomes = await Promise.allSettled(
    phones.map((address) => addAddress(world.as('bob'), { ...key, kind: 'phone', address })),
  )
  assert.deepEqual(codesOf(outcomes), Array(3).fill('too_many_addresses'))
  await addAddress(world.as('bob'), { ...key, kind: 'email', address: 'other@example.com' })
  const addresses = await listAddresses(world.as('bob'), key)
  assert.deepEqual([addresses.length, addresses.filter(({ isPrimary }) => isPrimary).length], [22, 2])
})

test('of several contacts that are given one address at once, on two nodes, one has it', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const other = await world.openNode()
  const ids = await Promise.all(['carol', 'dan', 'frank', 'grace'].map((name) => world.makeContact(name)))
  const contexts = [world.system, createContext(other.core, world.system.actor)]
  const outcomes = await Promise.allSettled(
    ids.map((contactId, i) => addAddress(contexts[i % 2]!, { workspaceId, contactId, kind: 'phone', address: PHONE })),
  )
  assert.deepEqual(codesOf(outcomes), Array(3).fill('address_taken'))
  const winner = ids[outcomes.findIndex(({ status }) => status === 'fulfilled')]
  const found = await findContactByAddress(world.system.db, { workspaceId, kind: 'phone', value: PHONE })
  assert.equal(found?.id, winner)
})

test('of two addresses that are made primary while it is removed, exactly one is primary in the end', async (t) => {
  const world = await contactWorld(t)
  const key = { workspaceId: world.workspaceId, contactId: await world.makeContact('carol') }
  const ctx = world.as('bob')
  const [first] = await listAddresses(ctx, key)
  const second = await addAddress(ctx, { ...key, kind: 'email', address: 'two@example.com' })
  const third = await addAddress(ctx, { ...key, kind: 'email', address: 'three@example.com' })
  await Promise.all([
    makePrimary(ctx, { ...key, addressId: second.id }),
    makePrimary(ctx, { ...key, addressId: third.id }),
    removeAddress(ctx, { ...key, addressId: first!.id }),
  ])
  const left = await listAddresses(ctx, key)
  assert.deepEqual(
    left.map(({ isPrimary }) => isPrimary),
    [true, false],
  )
})

test('a client that changes the email of a contact with several changes the primary one', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const contactId = await world.makeContact('carol')
  await addAddress(world.as('bob'), { workspaceId, contactId, kind: 'email', address: 'Two@example.com' })
  const client = createContext(world.runtime.core, {
    ...{ kind: 'client' as const, id: contactId, workspaceId, isLive: true, address: null },
  })
  await updateContact(client, { contactId, email: 'new@example.com' })
  assert.deepEqual(await shown(world, contactId), [
    'email new@example.com primary',
    'email two@example.com (Two@example.com)',
  ])
  await updateContact(client, { contactId, email: 'two@example.com' })
  assert.deepEqual(await shown(world, contactId), [
    'email two@example.com (Two@example.com) primary',
    'email new@example.com',
  ])
  const addressIds = (await addressesOf(world, contactId)).map(({ id }) => id)
  for (const addressId of addressIds) await removeAddress(world.as('bob'), { workspaceId, contactId, addressId })
  await updateContact(client, { contactId, email: 'back@example.com' })
  assert.deepEqual(await shown(world, contactId), ['email back@example.com primary'])
})

test('a deleted contact keeps the addresses that it had, and others can have them', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const contactId = await world.makeContact('carol')
  const phone = { workspaceId, kind: 'phone', address: PHONE } as const
  const gone = await addAddress(world.as('bob'), { ...phone, contactId, address: '+14155238000' })
  await addAddress(world.as('bob'), { ...phone, contactId })
  await removeAddress(world.as('bob'), { workspaceId, contactId, addressId: gone.id })
  const actor = { kind: 'client' as const, id: contactId, workspaceId, isLive: true, address: null }
  await deleteContact(createContext(world.runtime.core, actor), { contactId })
  assert.deepEqual((await announced(world, contactId)).at(-1), ['contact.deleted', 'carol@example.com', PHONE])
  const dan = await world.makeContact('dan')
  assert.equal((await addAddress(world.as('bob'), { ...phone, contactId: dan })).isPrimary, true)
  await assert.rejects(listAddresses(world.as('bob'), { workspaceId, contactId }), { code: 'contact_not_found' })
})

function addressesOf(world: ContactWorld, contactId: string) {
  return world.system.db
    .selectFrom('addresses')
    .selectAll()
    .where('contactId', '=', contactId)
    .where('deletedAt', 'is', null)
    .execute()
}

async function shown(world: ContactWorld, contactId: string): Promise<string[]> {
  const addresses = await listAddresses(world.as('cy'), { workspaceId: world.workspaceId, contactId })
  return addresses.map(
    ({ kind, value, shown, isPrimary }) =>
      `${kind} ${value}${shown ? ` (${shown})` : ''}${isPrimary ? ' primary' : ''}`,
  )
}

/** What the contact's stream tells: each event with the email and the phone number in it. */
async function announced(world: ContactWorld, contactId: string) {
  return (await world.events()).flatMap(({ streamId, type, data }) =>
    streamId === contactId && 'contact' in data && 'email' in data.contact
      ? [[type, data.contact.email, data.contact.phone]]
      : [],
  )
}

function codesOf(outcomes: PromiseSettledResult<unknown>[]): string[] {
  return outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code as string] : []))
}
