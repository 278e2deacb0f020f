import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CALLERS, type Caller, createPeople, outcome } from '../../testing/callers.ts'
import { testWorld } from '../../testing/world.ts'
import { sendMessage } from '../messages/send-message.ts'
import { addParticipant } from './add-participant.ts'
import { createChannel } from './create-channel.ts'
import { deleteChannel } from './delete-channel.ts'
import { getConversation } from './get-conversation.ts'
import { listParticipants } from './list-participants.ts'
import { markRead } from './mark-read.ts'
import { removeParticipant } from './remove-participant.ts'
import { updateChannel } from './update-channel.ts'

const NO = 'permission_denied'
const NONE = 'conversation_not_found'
const NO_WORKSPACE = 'workspace_not_found'
const STRANGER = 'not_a_workspace_member'

/**
 * What each caller is told, in the order of CALLERS, of a channel of somebody else: a public one that they are in or
 * not, and a private one. An outsider is in none of them.
 */
const EXPECTED = {
  'make a channel': ['ok', 'ok', 'ok', 'ok', NO, NO_WORKSPACE],
  'see a public one': ['ok', 'ok', 'ok', 'ok', NONE, NONE],
  'see a private one': [NONE, NONE, NONE, NONE, NONE, NONE],
  'see one that they are in': ['ok', 'ok', 'ok', 'ok', 'ok', NONE],
  'see who is in a public one': ['ok', 'ok', 'ok', 'ok', NONE, NONE],
  'write in a public one': ['ok', 'ok', 'ok', 'ok', NONE, NONE],
  'write in a private one': [NONE, NONE, NONE, NONE, NONE, NONE],
  'read one that they are in': ['ok', 'ok', 'ok', 'ok', 'ok', NONE],
  'come into a public one': ['ok', 'ok', 'ok', 'ok', NONE, NONE],
  'come into a private one': [NONE, NONE, NONE, NONE, NONE, NONE],
  'bring somebody into a public one': ['ok', 'ok', NO, NO, NONE, NONE],
  'bring somebody into one that they are in': ['ok', 'ok', 'ok', 'ok', NO, NONE],
  'bring a stranger into one that they are in': [STRANGER, STRANGER, STRANGER, STRANGER, NO, NONE],
  'take somebody out of one that they are in': ['ok', 'ok', NO, NO, NO, NONE],
  'leave one that they are in': ['ok', 'ok', 'ok', 'ok', 'ok', NONE],
  'rename a public one': ['ok', 'ok', NO, NO, NONE, NONE],
  'rename a private one': [NONE, NONE, NONE, NONE, NONE, NONE],
  'rename one that they are in': ['ok', 'ok', NO, NO, NO, NONE],
  'delete one that they are in': ['ok', 'ok', NO, NO, NO, NONE],
}

test('each role may do with a channel what the table says', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  const { workspace: workspaceId, ada, bob, cy, mallory } = world.ids
  const callers: Record<Caller, string> = { ...(await createPeople(world, 'caller')), outsider: mallory }
  let made = 0
  const make = async (fields: { isPrivate?: boolean; memberIds?: string[] }) => {
    const { id } = await createChannel(world.as('ada'), { workspaceId, name: `c${made++}`, ...fields })
    return { conversationId: id }
  }
  const open = () => make({})
  const hidden = () => make({ isPrivate: true })
  const own = (caller: Caller) =>
    make({ isPrivate: true, memberIds: caller === 'outsider' ? [bob] : [bob, callers[caller]] })
  const as = (caller: Caller) => world.asUser(callers[caller])
  const attempts: Record<keyof typeof EXPECTED, (caller: Caller) => Promise<unknown>> = {
    'make a channel': (caller) => createChannel(as(caller), { workspaceId, name: `by-${caller}` }),
    'see a public one': async (caller) => getConversation(as(caller), await open()),
    'see a private one': async (caller) => getConversation(as(caller), await hidden()),
    'see one that they are in': async (caller) => getConversation(as(caller), await own(caller)),
    'see who is in a public one': async (caller) => listParticipants(as(caller), { ...(await open()), limit: 10 }),
    'write in a public one': async (caller) => sendMessage(as(caller), { ...(await open()), body: 'hi' }),
    'write in a private one': async (caller) => sendMessage(as(caller), { ...(await hidden()), body: 'hi' }),
    'read one that they are in': async (caller) => markRead(as(caller), await own(caller)),
    'come into a public one': async (caller) => addParticipant(as(caller), await open()),
    'come into a private one': async (caller) => addParticipant(as(caller), await hidden()),
    'bring somebody into a public one': async (caller) => addParticipant(as(caller), { ...(await open()), userId: cy }),
    'bring somebody into one that they are in': async (caller) =>
      addParticipant(as(caller), { ...(await own(caller)), userId: cy }),
    'bring a stranger into one that they are in': async (caller) =>
      addParticipant(as(caller), { ...(await own(caller)), userId: world.ids.eve }),
    'take somebody out of one that they are in': async (caller) =>
      removeParticipant(as(caller), { ...(await own(caller)), userId: bob }),
    'leave one that they are in': async (caller) =>
      removeParticipant(as(caller), { ...(await own(caller)), userId: callers[caller] }),
    'rename a public one': async (caller) => updateChannel(as(caller), { ...(await open()), name: `r${made}` }),
    'rename a private one': async (caller) => updateChannel(as(caller), { ...(await hidden()), name: `r${made}` }),
    'rename one that they are in': async (caller) =>
      updateChannel(as(caller), { ...(await own(caller)), name: `r${made}` }),
    'delete one that they are in': async (caller) => deleteChannel(as(caller), await own(caller)),
  }
  for (const act of Object.keys(EXPECTED) as (keyof typeof EXPECTED)[]) {
    const told: string[] = []
    for (const caller of CALLERS) told.push(await outcome(attempts[act](caller)))
    assert.deepEqual(told, EXPECTED[act], act)
  }

  // Who made a channel manages it, whatever their role but guest.
  const { id: conversationId } = await createChannel(as('agent'), { workspaceId, name: 'mine', memberIds: [ada] })
  await removeParticipant(as('agent'), { conversationId, userId: ada })
  await updateChannel(as('agent'), { conversationId, isPrivate: true })
  await deleteChannel(as('agent'), { conversationId })
})
