import assert from 'node:assert/strict'
import { test } from 'node:test'
import { customerWorld } from '../../testing/customer-world.ts'
import { sendCustomerMessage } from '../messages/send-customer-message.ts'
import { createGeneralConversation } from './create-general-conversation.ts'
import { deleteCustomerConversation } from './delete-customer-conversation.ts'
import { openGeneralConversation } from './open-general-conversation.ts'
import { openNamedConversation } from './open-named-conversation.ts'
import { renameCustomerConversation } from './rename-customer-conversation.ts'

test('a conversation is announced in its own stream and to each of its contacts', async (t) => {
  const { asClient, contactIds, events } = await customerWorld(t, { contacts: 3 })
  const { conversation } = await createGeneralConversation(asClient(), { contactIds })
  const told = (await events()).slice(-4).map(({ type, streamId }) => [type, streamId])
  assert.deepEqual(told, [['conversation.opened', conversation.id], ...contactIds.map((id) => ['contact.joined', id])])
})

test('many who open the same conversations at once open each once', async (t) => {
  const { asClient, contactIds, events } = await customerWorld(t, { contacts: 4 })
  const ids = contactIds.slice(1)
  const opened = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const inOrder = i % 2 ? ids : ids.toReversed()
      if (i % 3 === 0) return (await openGeneralConversation(asClient(), { contactIds: inOrder })).id
      const named = await openNamedConversation(asClient(), { contactIds: inOrder, name: 'Plans' })
      return named.conversation.id
    }),
  )
  assert.equal(new Set(opened).size, 2)
  const begun = (await events()).filter(
    ({ type, streamId }) => type === 'conversation.opened' && opened.includes(streamId),
  )
  assert.equal(begun.length, 2)
})

test('a rename and a deletion are announced; a send to what was deleted is refused, on every node', async (t) => {
  const world = await customerWorld(t, { contacts: 2 })
  const ctx = world.asClient()
  const other = await world.openNode()
  const { conversation } = await openNamedConversation(ctx, { contactIds: world.contactIds, name: 'Plans' })
  const conversationId = conversation.id
  const send = (node = world.runtime) =>
    sendCustomerMessage(world.asClient(node), {
      conversationId,
      contactId: world.contactIds[0]!,
      kind: 'text',
      body: 'hi',
    })
  await Promise.all([send(), send(other)])
  await renameCustomerConversation(ctx, { conversationId, name: 'Other' })
  await renameCustomerConversation(ctx, { conversationId, name: 'Other' })
  await deleteCustomerConversation(ctx, { conversationId })
  await other.tail.caughtUp()
  for (const node of [world.runtime, other]) await assert.rejects(send(node), { code: 'invalid_request' })
  const types = (await world.events()).filter(({ streamId }) => streamId === conversationId).map(({ type }) => type)
  assert.deepEqual(types, [
    'conversation.opened',
    'message.created',
    'message.created',
    'conversation.updated',
    'conversation.deleted',
  ])
})

test('a message tells who sent it, and keeps what came with it', async (t) => {
  const { asClient, contactIds, conversationIds, events } = await customerWorld(t, { contacts: 2 })
  const conversationId = conversationIds[0]!
  const metadata = { a: [1, { b: 'ü' }] }
  const input = { conversationId, contactId: contactIds[1]!, kind: 'image', body: 'x', metadata } as const
  const { message } = await sendCustomerMessage(asClient(), input)
  const event = (await events()).at(-1)!
  assert.ok(event.type === 'message.created')
  assert.deepEqual(event.data, { message, author: { id: contactIds[1], name: 'contact 1' } })
  assert.deepEqual([message.metadata, message.authorKind, message.kind], [metadata, 'contact', 'image'])
})
