import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contactWorld } from '../../testing/contact-world.ts'
import { createContext } from '../context.ts'
import { beginConversation } from './begin-conversation.ts'

const CAROL = { name: 'Carol', email: 'carol@example.com', phone: '+14155238886' }

test('a conversation and its contact are announced once each, however many begin it at once, on two nodes', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const other = await world.openNode()
  const contexts = [world.as('bob'), createContext(other.core, world.as('ada').actor)]
  const transports = ['sms', 'whatsapp', 'email'] as const
  const begun = await Promise.all(
    Array.from({ length: 9 }, (_, i) =>
      beginConversation(contexts[i % 2]!, { workspaceId, with: { contact: CAROL }, transport: transports[i % 3] }),
    ),
  )
  assert.equal(new Set(begun.map(({ conversation }) => conversation.id)).size, 1)
  assert.deepEqual(
    (await world.events()).map(({ type }) => type),
    ['contact.created', 'contact_conversation.opened'],
  )
})

test('nobody is made for a conversation over what they are not reached by', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const { phone: _, ...contact } = CAROL
  for (const transport of ['sms', 'whatsapp'] as const) {
    const refusal = { code: 'invalid_request', fields: { 'contact.phone': ['is required for this channel'] } }
    const attempt = beginConversation(world.as('bob'), { workspaceId, with: { contact }, transport })
    await assert.rejects(attempt, refusal)
  }
  assert.equal((await world.events()).length, 0)
  const contactId = await world.makeContact('dan')
  const attempt = beginConversation(world.as('bob'), { workspaceId, with: { contactId }, transport: 'sms' })
  await assert.rejects(attempt, { code: 'invalid_request' })
  const { transport } = await beginConversation(world.as('bob'), { workspaceId, with: { contactId } })
  assert.equal(transport, 'email')
})

test('guests and strangers begin nothing', async (t) => {
  const world = await contactWorld(t)
  const { workspaceId } = world
  const contactId = await world.makeContact('carol')
  for (const partner of [{ contactId }, { contact: CAROL }]) {
    const begin = (name: 'gus' | 'eve') => beginConversation(world.as(name), { workspaceId, with: partner })
    await assert.rejects(begin('gus'), { code: 'permission_denied' })
    await assert.rejects(begin('eve'), { code: 'workspace_not_found' })
  }
  assert.deepEqual(
    (await world.events()).map(({ type }) => type),
    ['contact.created'],
  )
})
