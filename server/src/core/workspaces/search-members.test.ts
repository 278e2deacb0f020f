import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CALLERS, createPeople, outcome, ROLES } from '../../testing/callers.ts'
import { testWorld } from '../../testing/world.ts'
import { type SearchMembers, searchMembers } from './search-members.ts'

test('members with some roles are found by a part of their names or email, but not by guests', async (t) => {
  const world = await testWorld(t, { eventTruth: false })
  const workspaceId = world.ids.workspace
  const people = await createPeople(world, 'x')
  const all: SearchMembers = { workspaceId, roles: [...ROLES], excludedIds: [], page: 1, pageSize: 100 }
  const find = async (input: Partial<SearchMembers>) =>
    (await searchMembers(world.as('ada'), { ...all, ...input })).map(({ user }) => user.username)
  assert.deepEqual(await find({}), ['ada', 'bob', 'cy', 'gus', 'x-admin', 'x-agent', 'x-guest', 'x-member', 'x-owner'])
  assert.deepEqual(await find({ roles: ['guest', 'agent'] }), ['gus', 'x-agent', 'x-guest'])
  assert.deepEqual(await find({ search: 'A', excludedIds: [people.admin] }), [
    ...['ada', 'bob', 'cy', 'gus'],
    ...['x-agent', 'x-guest', 'x-member', 'x-owner'],
  ])
  assert.deepEqual(await find({ search: ' X-AG ' }), ['x-agent'])
  assert.deepEqual(await find({ search: 'bob@example' }), ['bob'])
  assert.deepEqual(await find({ page: 2, pageSize: 4 }), ['x-admin', 'x-agent', 'x-guest', 'x-member'])

  const outcomes = await Promise.all(
    CALLERS.map((caller) => {
      const ctx = caller === 'outsider' ? world.as('eve') : world.asUser(people[caller])
      return outcome(searchMembers(ctx, all))
    }),
  )
  assert.deepEqual(outcomes, ['ok', 'ok', 'ok', 'ok', 'permission_denied', 'workspace_not_found'])
})
