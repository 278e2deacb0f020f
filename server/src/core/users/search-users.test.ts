import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Name } from '../../testing/cast.ts'
import { type TestWorld, testWorld } from '../../testing/world.ts'
import { openDirectConversation } from '../conversations/open-direct-conversation.ts'
import { registerUser } from '../users/register-user.ts'
import { addMember } from '../workspaces/add-member.ts'
import { searchUsers } from './search-users.ts'

const PASSWORD = 'correct horse'

async function find(world: TestWorld, who: Name, q: string, more: { workspaceId?: string } = {}): Promise<string[]> {
  const { rows } = await searchUsers(world.as(who), { q, limit: 50, ...more })
  return rows.map(({ username }) => username)
}

/** Makes an account and a member of the cast's workspace. */
async function join(world: TestWorld, username: string, name: string): Promise<string> {
  const input = { username, name, email: `${username}@example.com`, password: PASSWORD }
  const { user } = await registerUser(world.anonymous(), input)
  await addMember(world.as('ada'), { workspaceId: world.ids.workspace, userId: user.id })
  return user.id
}

test('words and parts of both names find somebody, whatever their case', async (t) => {
  const world = await testWorld(t)
  await join(world, 'grace', 'Grace Brewster Hopper')
  for (const q of [
    'grace',
    'GRA',
    '@grace',
    'rac',
    'hopper',
    'opp',
    'brew hop',
    'hopper  grace ',
    'grace brewster h',
  ]) {
    assert.deepEqual(await find(world, 'bob', q), ['grace'], q)
  }
  for (const q of ['graze', 'grace murray', 'grace@example.com', 'x'])
    assert.deepEqual(await find(world, 'bob', q), [], q)
})

test('what means something in a pattern is only itself', async (t) => {
  const world = await testWorld(t)
  await join(world, 'percy', '100% Percy_\\')
  assert.deepEqual(await find(world, 'bob', '%'), ['percy'])
  assert.deepEqual(await find(world, 'bob', 'y_'), ['percy'])
  assert.deepEqual(await find(world, 'bob', '_\\'), ['percy'])
  assert.deepEqual(await find(world, 'bob', 'p_rcy'), [])
})

test('those whose names begin with it come first', async (t) => {
  const world = await testWorld(t)
  await join(world, 'joanna', 'Joanna')
  await join(world, 'lee', 'Lee Anders')
  await join(world, 'anna', 'Zoe')
  assert.deepEqual(await find(world, 'bob', 'an'), ['anna', 'lee', 'joanna'])
})

test('strangers are not found, and a workspace narrows it', async (t) => {
  const world = await testWorld(t)
  const { workspace, otherWorkspace, bob } = world.ids
  assert.deepEqual(await find(world, 'ada', 'mallory'), [])
  assert.deepEqual(await find(world, 'eve', 'a'), [])
  assert.deepEqual(await find(world, 'ada', 'b'), ['bob'])
  await addMember(world.as('mallory'), { workspaceId: otherWorkspace, userId: bob })
  assert.deepEqual(await find(world, 'bob', 'mallory'), ['mallory'])
  assert.deepEqual(await find(world, 'bob', 'mallory', { workspaceId: workspace }), [])
  assert.deepEqual(await find(world, 'bob', 'b', { workspaceId: otherWorkspace }), ['bob'])
  await assert.rejects(find(world, 'ada', 'm', { workspaceId: otherWorkspace }), { code: 'workspace_not_found' })
})

test('a guest finds only people of its conversations', async (t) => {
  const world = await testWorld(t)
  assert.deepEqual(await find(world, 'gus', 'ada'), ['ada'])
  assert.deepEqual(await find(world, 'gus', 'bob'), [])
  assert.deepEqual(await find(world, 'bob', 'gus'), ['gus'])
  await openDirectConversation(world.as('bob'), { userId: world.ids.gus })
  assert.deepEqual(await find(world, 'gus', 'bob'), ['bob'])
})

test('pages neither lose nor repeat anybody while others join', async (t) => {
  const world = await testWorld(t)
  for (let i = 0; i < 7; i++) await join(world, `kim${i}`, i % 2 ? 'Kim' : 'Lee')
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page = await searchUsers(world.as('bob'), { q: 'kim', limit: 2, cursor })
    seen.push(...page.rows.map(({ username }) => username))
    cursor = page.nextCursor
    if (seen.length === 2) await join(world, 'a-kim', 'Late')
  } while (cursor !== null)
  assert.deepEqual(seen, ['kim0', 'kim1', 'kim2', 'kim3', 'kim4', 'kim5', 'kim6', 'a-kim'])
})

test('nonsense is refused by its field', async (t) => {
  const world = await testWorld(t)
  for (const q of ['', '  ', '@', 'a\0b']) {
    await assert.rejects(find(world, 'ada', q), (error: { fields: object }) => 'q' in error.fields, q)
  }
  const id = world.ids.ada
  for (const key of ['x', '["a"]', `[0.5,"${id}"]`, `[3,"${id}"]`, '[0,"x"]', `[0,"${id}",1]`]) {
    const cursor = Buffer.from(key).toString('base64url')
    const found = searchUsers(world.as('ada'), { q: 'a', limit: 2, cursor })
    await assert.rejects(found, { code: 'invalid_cursor' }, key)
  }
})

test('among many people the index finds them', async (t) => {
  const { runtime } = await testWorld(t)
  const { kysely } = runtime.core.database
  await sql`insert into users (id, username, email, name, password_hash, created_at, updated_at)
    select gen_random_uuid(), 'u' || i, 'u' || i || '@example.com', md5(i::text), '!', now(), now()
    from generate_series(1, 5000) i`.execute(kysely)
  await sql`vacuum analyze users`.execute(kysely)
  const { rows } = await sql`explain select from users u where u.deleted_at is null
    and (lower(u.username) || ' ' || lower(u.name)) like lower('%hopper%')`.execute(kysely)
  assert.match(JSON.stringify(rows), /users_search/)
})
