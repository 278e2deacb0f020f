import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { sendMessage } from '../messages/send-message.ts'
import { createChannel } from './create-channel.ts'
import { deleteChannel } from './delete-channel.ts'
import { getConversation } from './get-conversation.ts'
import { listChannels } from './list-channels.ts'
import { updateChannel } from './update-channel.ts'

/** What has been told since, as `type stream`, with the names of the cast for their ids. */
async function told({ events, ids }: TestWorld, after = 0): Promise<string[]> {
  const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]))
  return (await events()).slice(after).map(({ type, streamId }) => `${type} ${names.get(streamId) ?? 'new'}`)
}

test('a public channel is announced to its workspace and its people, who are notified', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  const input = {
    workspaceId: ids.workspace,
    name: ' #Plans ',
    description: ' ',
    memberIds: [ids.gus, ids.gus, ids.bob],
  }
  const channel = await createChannel(as('bob'), input)
  assert.equal(channel.name, 'Plans')
  assert.equal(channel.description, null)
  assert.deepEqual([channel.isParticipant, channel.unreadCount, channel.lastMessageAt], [true, 0, null])
  assert.deepEqual(await told(world), [
    'conversation.created workspace',
    'participant.joined new',
    'conversation.joined bob',
    'participant.joined new',
    'conversation.joined gus',
    'notification.created gus',
  ])
})

test('a private channel is announced to its people only', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  const { id: conversationId } = await createChannel(as('bob'), {
    workspaceId: ids.workspace,
    name: 'plot',
    isPrivate: true,
  })
  assert.deepEqual(await told(world), ['participant.joined new', 'conversation.joined bob'])
  // Not even the owner: a private channel does not exist for those who are not in it.
  await assert.rejects(getConversation(as('ada'), { conversationId }), { code: 'conversation_not_found' })
})

test('names that nobody could type are refused, and people from outside', async (t) => {
  const { as, ids, events } = await testWorld(t)
  const create = (input: object) => createChannel(as('bob'), { workspaceId: ids.workspace, name: 'fine', ...input })
  for (const name of ['', ' # ', 'x'.repeat(81), 'a\nb', 'a\0b']) {
    await assert.rejects(create({ name }), { code: 'invalid_request' })
  }
  await assert.rejects(create({ description: 'x'.repeat(1001) }), { code: 'invalid_request' })
  const stranger = create({ memberIds: [ids.ada, ids.eve] })
  await assert.rejects(stranger, { code: 'not_a_workspace_member', param: 'member_ids.1' })
  assert.deepEqual(await events(), [])
})

test('two channels of a workspace never have one name, not even when made at once', async (t) => {
  const { as, ids } = await testWorld(t)
  const create = (name: string) => createChannel(as('bob'), { workspaceId: ids.workspace, name })
  await assert.rejects(create('GENERAL'), { code: 'channel_name_taken', param: 'name' })
  const results = await Promise.allSettled([create('Race'), create('race'), create('RACE')])
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.code, 'channel_name_taken')
  const renamed = updateChannel(as('ada'), { conversationId: ids.secret, name: 'race' })
  await assert.rejects(renamed, { code: 'channel_name_taken' })
})

test('a changed public channel is announced to the workspace, and to the guests in it', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  const channel = await createChannel(as('bob'), { workspaceId: ids.workspace, name: 'open', memberIds: [ids.gus] })
  const before = (await world.events()).length
  const rename = () => updateChannel(as('bob'), { conversationId: channel.id, name: '#opened', description: 'all' })
  assert.equal((await rename()).name, 'opened')
  await rename()
  assert.deepEqual(await told(world, before), ['conversation.updated workspace', 'conversation.updated gus'])
})

test('a channel that becomes private is hidden from the workspace, and comes back when it is public again', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  const conversationId = ids.general
  await getConversation(as('cy'), { conversationId })
  await updateChannel(as('ada'), { conversationId, isPrivate: true })
  // Fails if what cy could see before were remembered.
  await assert.rejects(getConversation(as('cy'), { conversationId }), { code: 'conversation_not_found' })
  await updateChannel(as('ada'), { conversationId, isPrivate: false })
  assert.equal((await getConversation(as('cy'), { conversationId })).isParticipant, false)
  assert.deepEqual(await told(world), [
    'conversation.updated general',
    'conversation.hidden workspace',
    'conversation.created workspace',
    'conversation.updated general',
  ])
})

test('a deleted channel is gone, its people hear of it, and its name is free', async (t) => {
  const world = await testWorld(t)
  const { as, ids } = world
  await deleteChannel(as('cy'), { conversationId: ids.general })
  const sent = sendMessage(as('bob'), { conversationId: ids.general, body: 'still there?' })
  await assert.rejects(sent, { code: 'conversation_not_found' })
  const again = deleteChannel(as('cy'), { conversationId: ids.general })
  await assert.rejects(again, { code: 'conversation_not_found' })
  assert.deepEqual((await told(world)).sort(), [
    'conversation.deleted workspace',
    'conversation.left ada',
    'conversation.left bob',
  ])
  await createChannel(as('bob'), { workspaceId: ids.workspace, name: 'general' })
})

test('everybody lists what they may see', async (t) => {
  const { as, ids } = await testWorld(t)
  const workspaceId = ids.workspace
  await createChannel(as('bob'), { workspaceId, name: '100%' })
  const names = async (name: 'ada' | 'bob' | 'gus', filter: object = {}) => {
    const { rows } = await listChannels(as(name), { workspaceId, limit: 10, ...filter })
    return rows.map((row) => row.name)
  }
  assert.deepEqual((await names('ada')).sort(), ['100%', 'general', 'secret'])
  assert.deepEqual((await names('bob')).sort(), ['100%', 'general'])
  assert.deepEqual(await names('gus'), ['secret'])
  assert.deepEqual((await names('ada', { memberOnly: true })).sort(), ['general', 'secret'])
  assert.deepEqual(await names('bob', { q: 'GEN' }), ['general'])
  assert.deepEqual(await names('bob', { q: '%' }), ['100%'])
  await assert.rejects(listChannels(as('eve'), { workspaceId, limit: 10 }), { code: 'workspace_not_found' })
})

test('pages of channels lose and repeat nothing while others are made', async (t) => {
  const { as, ids, setNow } = await testWorld(t)
  setNow('2026-02-01T00:00:00.000Z')
  const workspaceId = ids.workspace
  let made = 0
  const make = (count: number) =>
    Promise.all(Array.from({ length: count }, () => createChannel(as('bob'), { workspaceId, name: `c${made++}` })))
  const there = (await make(12)).map(({ id }) => id)
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page = await listChannels(as('bob'), { workspaceId, limit: 3, cursor })
    seen.push(...page.rows.map(({ id }) => id))
    cursor = page.nextCursor
    if (seen.length < 9) await make(1)
  } while (cursor !== null)
  assert.equal(new Set(seen).size, seen.length)
  assert.deepEqual(
    there.filter((id) => !seen.includes(id)),
    [],
  )
})
