import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testWorld } from '../../testing/world.ts'
import { AppError } from '../errors.ts'
import { sendMessage } from '../messages/send-message.ts'
import { addMember } from '../workspaces/add-member.ts'
import { removeMember } from '../workspaces/remove-member.ts'
import { updateMember } from '../workspaces/update-member.ts'
import { updateWorkspace } from '../workspaces/update-workspace.ts'
import { addParticipant } from './add-participant.ts'
import { createChannel } from './create-channel.ts'
import { deleteChannel } from './delete-channel.ts'
import { markRead } from './mark-read.ts'
import { openDirectConversation } from './open-direct-conversation.ts'
import { removeParticipant } from './remove-participant.ts'
import { updateChannel } from './update-channel.ts'

test('all operations at once neither block each other for good nor make the events untrue', async (t) => {
  const { as, ids, runtime } = await testWorld(t)
  const { workspace: workspaceId, general: conversationId, bob, cy, gus, eve } = ids
  const round = (i: number): Promise<unknown>[] => [
    sendMessage(as('ada'), { conversationId, body: `@channel ${i}` }),
    sendMessage(as('bob'), { conversationId, body: `@ada ${i}` }),
    sendMessage(as('cy'), { conversationId, body: `joins ${i}` }),
    addParticipant(as('ada'), { conversationId, userId: gus }),
    removeParticipant(as('cy'), { conversationId, userId: gus }),
    removeParticipant(as('cy'), { conversationId, userId: cy }),
    updateChannel(as('ada'), { conversationId, isPrivate: i % 2 === 0, description: `${i}` }),
    markRead(as('bob'), { conversationId }),
    openDirectConversation(as('gus'), { userId: bob }),
    updateMember(as('ada'), { workspaceId, userId: cy, role: i % 3 === 0 ? 'guest' : 'admin' }),
    updateWorkspace(as('ada'), { workspaceId, name: `Acme ${i}` }),
    addMember(as('ada'), { workspaceId, userId: eve, role: 'guest' }),
    createChannel(as('bob'), { workspaceId, name: `c${i}`, memberIds: [gus, cy] }).then(({ id }) =>
      deleteChannel(as('ada'), { conversationId: id }),
    ),
    removeMember(as('ada'), { workspaceId, userId: eve }),
    removeMember(as('ada'), { workspaceId, userId: bob }).then(() =>
      addMember(as('ada'), { workspaceId, userId: bob }),
    ),
  ]
  const results = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => round(i)).flat())
  for (const result of results) {
    if (result.status === 'fulfilled') continue
    const { reason } = result
    const isRefusal = reason instanceof AppError && reason.kind !== 'unavailable' && reason.kind !== 'internal'
    if (!isRefusal) throw reason
  }
  // Nobody is in a channel of a workspace that they are not in.
  const { rows } = await runtime.core.database.pool.query(`
    select from participants p join conversations c on c.id = p.conversation_id
    where c.workspace_id is not null and not exists (
      select from members m where m.workspace_id = c.workspace_id and m.user_id = p.user_id)`)
  assert.equal(rows.length, 0)
})
