import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { getMessage } from '../messages/get-message.ts'
import { sendMessage } from '../messages/send-message.ts'
import { addReaction } from './add-reaction.ts'
import { listReactions } from './list-reactions.ts'
import { listReactionsOf } from './queries.ts'
import { removeReaction } from './remove-reaction.ts'

async function send({ as, ids }: TestWorld): Promise<string> {
  const { message } = await sendMessage(as('ada'), { conversationId: ids.general, body: 'react to this' })
  return message.id
}

async function countReactions({ as }: TestWorld, messageId: string): Promise<number> {
  const { reactionCount } = await getMessage(as('ada'), { messageId })
  return reactionCount
}

test('a reaction is announced, and the same again is the first one', async (t) => {
  const world = await testWorld(t)
  const messageId = await send(world)
  const first = await addReaction(world.as('bob'), { messageId, content: '👍' })
  const second = await addReaction(world.as('bob'), { messageId, content: '👍' })
  assert.deepEqual(second, { reaction: first.reaction, isNew: false })
  assert.equal(await countReactions(world, messageId), 1)
  const [, ...announced] = await world.events()
  assert.deepEqual(
    announced.map(({ type, streamId, data }) => ({ type, streamId, data })),
    [
      {
        type: 'reaction.added',
        streamId: world.ids.general,
        data: { conversationId: world.ids.general, reaction: first.reaction },
      },
    ],
  )
})

test('twenty people who react at once are twenty reactions', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  const messageId = await send(world)
  const people = await addPeople(world, 20)
  await Promise.all(
    people.flatMap((id) => [
      addReaction(world.asUser(id), { messageId, content: '🎉' }),
      addReaction(world.asUser(id), { messageId, content: '🎉' }),
    ]),
  )
  assert.equal(await countReactions(world, messageId), 20)
  const { rows } = await listReactions(world.as('ada'), { messageId, limit: 100 })
  assert.deepEqual(rows.map(({ userId }) => userId).toSorted(), people.toSorted())
  await Promise.all(people.map((id) => removeReaction(world.asUser(id), { messageId, reaction: { content: '🎉' } })))
  assert.equal(await countReactions(world, messageId), 0)
})

test('a message takes twenty different contents, even at once, and any number of each', async (t) => {
  const world = await testWorld(t)
  const messageId = await send(world)
  const add = (name: 'ada' | 'bob', content: string) => addReaction(world.as(name), { messageId, content })
  const tried = await Promise.allSettled(Array.from({ length: 25 }, (_, i) => add(i % 2 ? 'ada' : 'bob', `r${i}`)))
  const refused = tried.filter((result) => result.status === 'rejected')
  assert.deepEqual(
    refused.map(({ reason }) => reason.code),
    Array(5).fill('too_many_reactions'),
  )
  const { rows } = await listReactions(world.as('ada'), { messageId, limit: 100 })
  await addReaction(world.as('cy'), { messageId, content: rows[0]!.content })
  assert.equal(await countReactions(world, messageId), 21)
})

test('one takes back own reactions only, by id or by content', async (t) => {
  const world = await testWorld(t)
  const messageId = await send(world)
  const { reaction } = await addReaction(world.as('bob'), { messageId, content: '👍' })
  await addReaction(world.as('bob'), { messageId, content: 'ok' })
  const notFound = { code: 'reaction_not_found' }
  await assert.rejects(removeReaction(world.as('ada'), { messageId, reaction: { id: reaction.id } }), notFound)
  await assert.rejects(removeReaction(world.as('ada'), { messageId, reaction: { content: '👍' } }), notFound)
  assert.deepEqual(await removeReaction(world.as('bob'), { messageId, reaction: { id: reaction.id } }), reaction)
  await removeReaction(world.as('bob'), { messageId, reaction: { content: 'ok' } })
  await assert.rejects(removeReaction(world.as('bob'), { messageId, reaction: { content: 'ok' } }), notFound)
  assert.equal(await countReactions(world, messageId), 0)
})

test('a reaction of another message is not found under this one', async (t) => {
  const world = await testWorld(t)
  const [one, other] = [await send(world), await send(world)]
  const { reaction } = await addReaction(world.as('bob'), { messageId: one, content: '👍' })
  const removed = removeReaction(world.as('bob'), { messageId: other, reaction: { id: reaction.id } })
  await assert.rejects(removed, { code: 'reaction_not_found' })
})

test('reactions come oldest first, page by page', async (t) => {
  const world = await testWorld(t)
  const messageId = await send(world)
  const contents = ['a', 'b', 'c', 'd', 'e']
  for (const [i, content] of contents.entries()) {
    world.setNow(`2026-02-01T00:00:0${i}.000Z`)
    await addReaction(world.as('bob'), { messageId, content })
  }
  const all: string[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listReactions(world.as('ada'), { messageId, limit: 2, cursor })
    all.push(...page.rows.map(({ content }) => content))
    cursor = page.nextCursor
  }
  assert.deepEqual(all, contents)
  const shown = await listReactionsOf(world.as('ada').db, [messageId, world.ids.ada])
  assert.deepEqual(
    [...shown].map(([id, reactions]) => [id, reactions.map(({ content }) => content)]),
    [[messageId, contents]],
  )
})

test('a message is shown with its first hundred reactions', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  const messageId = await send(world)
  const { pool } = world.runtime.core.database
  await pool.query(
    `insert into reactions (id, message_id, user_id, content, created_at)
     select gen_random_uuid(), $1, gen_random_uuid(), 'x', '2026-01-01Z'::timestamptz + i * interval '1 s' from generate_series(1, 150) i`,
    [messageId],
  )
  const shown = (await listReactionsOf(world.as('ada').db, [messageId])).get(messageId)!
  assert.equal(shown.length, 100)
  assert.equal(shown.at(-1)?.createdAt, '2026-01-01T00:01:40.000Z')
})

test('who cannot read the conversation cannot react, and a deleted message takes none', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  const messageId = await send(world)
  for (const name of ['gus', 'eve', 'mallory'] as const) {
    const refused = { code: 'message_not_found' }
    await assert.rejects(addReaction(world.as(name), { messageId, content: 'x' }), refused)
    await assert.rejects(removeReaction(world.as(name), { messageId, reaction: { content: 'x' } }), refused)
    await assert.rejects(listReactions(world.as(name), { messageId, limit: 9 }), refused)
  }
  await world.runtime.core.database.pool.query('update messages set deleted_at = now() where id = $1', [messageId])
  await assert.rejects(addReaction(world.as('bob'), { messageId, content: 'x' }), { code: 'message_deleted' })
})

test('a content is one sign or word', async (t) => {
  const world = await testWorld(t)
  const messageId = await send(world)
  const family = '👩‍👩‍👧‍👦'
  for (const content of ['+1', ':shipit:', family, '❤️', 'x'.repeat(64), '🏴󠁧󠁢󠁷󠁬󠁳󠁿', '1️⃣']) {
    const { reaction } = await addReaction(world.as('bob'), { messageId, content })
    assert.equal(reaction.content, content)
  }
  const refused = [
    '',
    ' ',
    'a b',
    'a\n',
    '\0',
    '\u0007',
    '\ud83d',
    'x'.repeat(65),
    '\u200d',
    '\ufe0f',
    '\u00a0',
    '\u2028',
  ]
  for (const content of refused) {
    await assert.rejects(addReaction(world.as('bob'), { messageId, content }), { code: 'invalid_request' })
    const removed = removeReaction(world.as('bob'), { messageId, reaction: { content } })
    await assert.rejects(removed, { code: 'invalid_request' })
  }
})

async function addPeople({ runtime, ids }: TestWorld, count: number): Promise<string[]> {
  const { rows } = await runtime.core.database.pool.query<{ id: string }>(
    `with people as (
       insert into users (id, username, email, name, password_hash, created_at, updated_at)
       select gen_random_uuid(), 'p' || i, 'p' || i || '@example.com', 'p', '!', now(), now() from generate_series(1, $1::int) i
       returning id
     ), heads as (insert into streams (id, kind) select id, 'user' from people)
     insert into members (workspace_id, user_id, role, joined_at, updated_at)
     select $2, id, 'member', now(), now() from people returning user_id as id`,
    [count, ids.workspace],
  )
  return rows.map(({ id }) => id)
}
