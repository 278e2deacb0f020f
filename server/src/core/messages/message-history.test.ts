import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWorld } from '../../testing/world.ts'
import { addReaction } from '../reactions/add-reaction.ts'
import { deleteMessage } from './delete-message.ts'
import { editMessage } from './edit-message.ts'
import { findMessage } from './queries.ts'
import { sendMessage } from './send-message.ts'

test('a history says of each message all that its row says', async (t) => {
  const { as, ids, runtime } = await testWorld(t)
  const { ports, database } = runtime.core
  const say = async (body: string, parentId: string | null = null) =>
    (await sendMessage(as('ada'), { conversationId: ids.general, body, parentId, clientId: `c ${body}` })).message.id
  const plain = await say('plain')
  const answered = await say('answered')
  const reacted = await say('reacted')
  const edited = await say('edited')
  const deleted = await say('deleted')
  const mentioning = await say('look, @bob and @channel')
  const reply = await say('a reply', answered)
  await addReaction(as('bob'), { messageId: reacted, content: '👍' })
  await editMessage(as('ada'), { messageId: edited, body: 'edited twice' })
  await deleteMessage(as('ada'), { messageId: deleted })

  const within = { conversationId: ids.general, includeReplies: true }
  const history = await ports.history.read({ within, order: 'asc', beyond: null, limit: 100 })
  const sent = [plain, answered, reacted, edited, deleted, mentioning, reply]
  const rows = await Promise.all(sent.map((id) => findMessage(database.kysely, id)))
  assert.deepEqual(history, rows)
})
