import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWorld } from '../../testing/world.ts'
import { SYSTEM } from '../actor.ts'
import { deleteContactConversation } from '../contact-conversations/delete-contact-conversation.ts'
import { listContactConversations } from '../contact-conversations/list-contact-conversations.ts'
import { type Context, createContext } from '../context.ts'
import { insertSender } from '../senders/queries.ts'
import { type ReceivedMessage, receiveMessage } from './receive-message.ts'

const AT = '2026-03-10T12:00:00.000Z'
const NUMBER = '+15005550006'

const RECEIVED: ReceivedMessage = {
  ...{ carrier: 'twilio', carrierId: 'SM1', transport: 'sms', to: NUMBER, from: '+14155550101', name: 'Carol' },
  ...{ body: 'one', files: [], email: null, receivedAt: AT },
}

test('a message that comes while its conversation is being deleted begins a new one, once', async (t) => {
  const world = await testWorld(t)
  const { workspace: workspaceId } = world.ids
  const system = createContext(world.runtime.core, SYSTEM)
  const times = { createdAt: AT, updatedAt: AT }
  const sender = { transport: 'sms' as const, address: NUMBER, name: null, carrier: 'twilio', isDefault: true }
  await insertSender(system.db, { id: system.newId(), workspaceId, ...sender, ...times })
  const list = async () => {
    const { rows } = await listContactConversations(world.as('bob'), { workspaceId, page: 1, pageSize: 50 })
    return rows.map(({ lastMessage, unreadCount }) => [lastMessage?.message.body, unreadCount])
  }
  await receiveMessage(system, RECEIVED)
  const second = { ...RECEIVED, carrierId: 'SM2', body: 'two' }
  let isDeleted = false
  const deleteFirst = async (conversationId: string) => {
    if (!isDeleted) await deleteContactConversation(world.as('ada'), { workspaceId, conversationId })
    isDeleted = true
  }
  await receiveMessage(beforeWriting(system, deleteFirst), second)
  assert.deepEqual([isDeleted, await list()], [true, [['two', 1]]])
  await receiveMessage(system, second)
  assert.deepEqual(await list(), [['two', 1]])
})

/** The same context, but for what happens between the look at a conversation and the writing into it. */
function beforeWriting<C extends Context>(ctx: C, happen: (conversationId: string) => Promise<void>): C {
  const { messageWriter } = ctx.ports
  const write: typeof messageWriter.write = async (draft) => {
    await happen(draft.conversationId)
    return messageWriter.write(draft)
  }
  return { ...ctx, ports: { ...ctx.ports, messageWriter: { write, close: () => messageWriter.close() } } } as C
}
