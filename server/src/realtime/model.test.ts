import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinConversation } from '../core/conversations/join-conversation.ts'
import { removeParticipant } from '../core/conversations/remove-participant.ts'
import { deleteMessage } from '../core/messages/delete-message.ts'
import { editMessage } from '../core/messages/edit-message.ts'
import { MESSAGE_COLUMNS } from '../core/messages/queries.ts'
import type { Message } from '../core/messages/schema.ts'
import { sendMessage } from '../core/messages/send-message.ts'
import { addReaction } from '../core/reactions/add-reaction.ts'
import type { Name } from '../testing/cast.ts'
import { type RealtimeWorld, realtimeWorld } from '../testing/realtime-world.ts'
import type { RtClient } from '../testing/rt-client.ts'
import { presentMessage } from './skins/rt-v1-objects.ts'

const STEPS = 600
const READERS: Name[] = ['ada', 'ada', 'bob', 'bob', 'cy', 'gus', 'gus', 'eve']

/** Numbers that are the same in every run. */
function createDice(seed: number) {
  let state = seed
  return (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

type Dice = ReturnType<typeof createDice>

/** Something that people do in a chat. */
async function act({ as, ids }: RealtimeWorld, dice: Dice, sent: Message[]): Promise<void> {
  const conversationId = dice(3) === 0 ? ids.secret : ids.general
  const some = sent[dice(sent.length)]
  const kind = some === undefined ? 0 : dice(20)
  if (kind < 11) sent.push((await sendMessage(as('ada'), { conversationId, body: `${sent.length} @channel` })).message)
  else if (some!.deletedAt !== null) return
  else if (kind < 14) {
    const reply = { conversationId: some!.conversationId, parentId: some!.id, body: 're' }
    sent.push((await sendMessage(as('ada'), reply)).message)
  } else if (kind < 16) await addReaction(as('ada'), { messageId: some!.id, content: `${dice(20)}` })
  else if (kind < 17) await editMessage(as('ada'), { messageId: some!.id, body: `edited ${dice(100)}` })
  else if (kind < 18) {
    await deleteMessage(as('ada'), { messageId: some!.id })
    some!.deletedAt = 'deleted'
  } else if (kind < 19) await joinConversation(as('cy'), { conversationId: ids.general })
  else {
    const leaving = removeParticipant(as('cy'), { conversationId: ids.general, userId: ids.cy })
    await leaving.catch((error) => assert.equal(error.code, 'participant_not_found'))
  }
}

/** What a reader must know of a conversation in the end: all its messages, as they stand in the database. */
async function requireTruth({ runtime }: RealtimeWorld, reader: RtClient, conversationId: string): Promise<void> {
  const text = `select ${MESSAGE_COLUMNS} from messages where conversation_id = $1 order by ordinal`
  const { rows } = await runtime.core.database.pool.query<Message>(text, [conversationId])
  // The seq of an edited message's event is that of its creation too.
  assert.deepEqual(reader.state.messagesOf(conversationId), JSON.parse(JSON.stringify(rows.map(presentMessage))))
}

test('whatever breaks, every reader ends with what the server has, each event once', async (t) => {
  const w = await realtimeWorld(t, { replayEventsMax: 60, recentEventsMax: 200, connectionsPerUserMax: 1_000 })
  const dice = createDice(20_260_131)
  const nodes = [await w.startNode(), await w.startNode()]
  const readers = READERS.map((name, i) => {
    const reconnectMs = [10, 100, 500][i % 3]!
    return w.client(name, { url: () => nodes[i % 2]!.wsUrl, withHistory: true, reconnectMs })
  })
  await Promise.all(readers.map((reader) => reader.connect()))
  const sent: Message[] = []
  for (let step = 0; step < STEPS; step++) {
    await act(w, dice, sent)
    if (dice(12) === 0) readers[dice(readers.length)]!.drop()
    if (dice(150) === 0) {
      const which = dice(2)
      await nodes[which]!.stop()
      nodes[which] = await w.startNode()
    }
  }
  await joinConversation(w.as('cy'), { conversationId: w.ids.general })
  const heads = new Map((await w.events()).map((event) => [event.streamId, event.seq]))
  for (const [i, reader] of readers.entries()) {
    const followed: Record<string, string[]> = {
      ada: [w.ids.general, w.ids.secret, w.ids.ada],
      bob: [w.ids.general, w.ids.bob],
      cy: [w.ids.general, w.ids.cy],
      gus: [w.ids.secret, w.ids.gus],
    }
    const streams = followed[READERS[i]!] ?? []
    await reader.untilCaughtUp(streams.map((id) => [id, heads.get(id) ?? 0]))
    for (const id of [w.ids.general, w.ids.secret]) {
      if (streams.includes(id)) await requireTruth(w, reader, id)
      else assert.equal(reader.state.messagesOf(id).length, 0)
    }
  }
  const drops = readers.reduce((sum, reader) => sum + reader.closeCodes.length, 0)
  assert.ok(drops > 20)
  t.diagnostic(`${heads.size} streams, ${sent.length} messages, ${drops} connections lost`)
})
