import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customerWorld } from '../../testing/customer-world.ts'
import { createContact } from './create-contact.ts'
import { deleteContact } from './delete-contact.ts'
import { updateContact } from './update-contact.ts'

test('a contact is announced when it is made, changed and deleted, and not when nothing changes', async (t) => {
  const { asClient, contactIds, events } = await customerWorld(t, { contacts: 1 })
  const ctx = asClient()
  const contactId = contactIds[0]!
  await createContact(ctx, { name: 'Other', email: 'CONTACT-0@example.com' })
  await updateContact(ctx, { contactId, name: 'contact 0' })
  await updateContact(ctx, { contactId, name: 'Carol', metadata: { a: 1 } })
  await updateContact(ctx, { contactId, email: 'Carol@example.com' })
  await deleteContact(ctx, { contactId })
  const own = (await events()).filter(({ streamId }) => streamId === contactId)
  assert.deepEqual(
    own.map(({ type, seq }) => [type, seq]),
    [
      ['contact.created', 1],
      ['contact.updated', 2],
      ['contact.updated', 3],
      ['contact.deleted', 4],
    ],
  )
})

test('of two contacts that are given one email at once, one has it', async (t) => {
  const { asClient, contactIds } = await customerWorld(t, { contacts: 4 })
  const email = 'wanted@example.com'
  const tries = contactIds.map((contactId) => updateContact(asClient(), { contactId, email }))
  const outcomes = await Promise.allSettled([...tries, createContact(asClient(), { name: 'New', email })])
  const refused = outcomes
    .filter(({ status }) => status === 'rejected')
    .map((one) => (one as PromiseRejectedResult).reason.code)
  assert.deepEqual([...new Set(refused)], ['contact_email_taken'])
  const rows = await asClient().db.selectFrom('addresses').select('contactId').where('value', '=', email).execute()
  assert.equal(rows.length, 1)
})

test('what is remembered of a contact changes with it, on every node', async (t) => {
  const world = await customerWorld(t, { contacts: 1 })
  const contactId = world.contactIds[0]!
  const other = await world.openNode()
  const namesOf = () =>
    Promise.all([world.runtime, other].map(async ({ core }) => (await core.ports.contacts.find(contactId))?.name))
  assert.deepEqual(await namesOf(), ['contact 0', 'contact 0'])
  await updateContact(world.asClient(), { contactId, name: 'Carol' })
  await other.tail.caughtUp()
  assert.deepEqual(await namesOf(), ['Carol', 'Carol'])
})
