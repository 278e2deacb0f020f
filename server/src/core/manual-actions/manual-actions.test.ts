import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { CAROL, NOW, scheduleWorld } from '../../testing/schedule-world.ts'
import { createManualAction } from './create-manual-action.ts'
import { listManualActions } from './list-manual-actions.ts'
import { updateManualAction } from './update-manual-action.ts'

test('a member writes down what is to be done, another one does it, and everybody hears', async (t) => {
  const world = await scheduleWorld(t)
  const { workspaceId, conversationId } = await world.meet(CAROL)
  const { bob, cy } = world.ids
  const input = { workspaceId, conversationId, action: '  Call her back ', assignedTo: cy }
  const made = await createManualAction(world.as('bob'), input)
  const { action, status, assignedTo, createdBy, reasonCode, completedAt } = made
  assert.deepEqual(
    { action, status, assignedTo, createdBy, reasonCode, completedAt },
    {
      action: 'Call her back',
      status: 'pending',
      assignedTo: cy,
      createdBy: bob,
      reasonCode: null,
      completedAt: null,
    },
  )
  const at = addMs(NOW, 60_000)
  world.setNow(at)
  const key = { workspaceId, manualActionId: made.id }
  const done = await updateManualAction(world.as('cy'), { ...key, status: 'completed' })
  assert.deepEqual([done.status, done.completedBy, done.completedAt, done.assignedTo], ['completed', cy, at, cy])
  assert.deepEqual(await updateManualAction(world.as('bob'), { ...key, status: 'completed' }), done, 'no change')
  const open = await updateManualAction(world.as('bob'), { ...key, status: 'pending', assignedTo: null })
  assert.deepEqual([open.status, open.completedBy, open.completedAt, open.assignedTo], ['pending', null, null, null])
  const failed = await updateManualAction(world.as('bob'), { ...key, status: 'failed' })
  assert.deepEqual([failed.status, failed.completedBy, failed.completedAt], ['failed', bob, at])

  const told = (await world.events()).flatMap((event) => (event.type === 'manual_action.updated' ? [event] : []))
  assert.deepEqual(
    told.map(({ streamId, data }) => [streamId, data.manualAction.status]),
    ['pending', 'completed', 'pending', 'failed'].map((one) => [conversationId, one]),
  )
  const audit = await world.system.db
    .selectFrom('auditEntries')
    .select(['action', 'actorId'])
    .where('targetId', '=', made.id)
    .orderBy('id')
    .execute()
  assert.deepEqual(
    audit.map(({ action, actorId }) => [action, actorId]),
    [
      ['manual_action.create', bob],
      ['manual_action.update', cy],
      ['manual_action.update', bob],
      ['manual_action.update', bob],
    ],
  )
})

test('the list goes page by page, also of one state, and what is new comes last', async (t) => {
  const world = await scheduleWorld(t)
  const place = await world.meet(CAROL)
  const { workspaceId } = place
  const made = []
  for (let i = 0; i < 5; i++) made.push(await createManualAction(world.as('bob'), { ...place, action: `${i}` }))
  await updateManualAction(world.as('bob'), { workspaceId, manualActionId: made[2]!.id, status: 'completed' })
  const list = async (page: number, status?: 'pending' | 'completed' | 'failed') => {
    const rows = await listManualActions(world.as('cy'), { workspaceId, status, page, pageSize: 2 })
    return rows.map(({ action }) => action).join()
  }
  assert.deepEqual([await list(1), await list(2), await list(3), await list(4)], ['0,1', '2,3', '4', ''])
  assert.deepEqual([await list(2, 'pending'), await list(1, 'completed'), await list(1, 'failed')], ['3,4', '2', ''])
})

test('who may not, and what makes no sense, is refused', async (t) => {
  const world = await scheduleWorld(t)
  const place = await world.meet(CAROL)
  const { workspaceId } = place
  const made = await createManualAction(world.as('bob'), { ...place, action: 'Call' })
  const key = { workspaceId, manualActionId: made.id }
  for (const [name, code] of [
    ['gus', 'permission_denied'],
    ['eve', 'workspace_not_found'],
    ['mallory', 'workspace_not_found'],
  ] as const) {
    const ctx = world.as(name)
    await assert.rejects(createManualAction(ctx, { ...place, action: 'Call' }), { code })
    await assert.rejects(updateManualAction(ctx, { ...key, status: 'completed' }), { code })
    await assert.rejects(listManualActions(ctx, { workspaceId, page: 1, pageSize: 10 }), { code })
  }
  const elsewhere = { ...key, workspaceId: world.ids.otherWorkspace, status: 'completed' } as const
  await assert.rejects(updateManualAction(world.as('mallory'), elsewhere), { code: 'manual_action_not_found' })
  const { general, gus, eve } = world.ids
  for (const action of ['', ' ', 'x'.repeat(1_001), 'a\nb']) {
    await assert.rejects(createManualAction(world.as('bob'), { ...place, action }), { code: 'invalid_request' })
  }
  for (const assignedTo of [gus, eve]) {
    const input = { ...place, action: 'Call', assignedTo }
    await assert.rejects(createManualAction(world.as('bob'), input), { code: 'invalid_request' })
    await assert.rejects(updateManualAction(world.as('bob'), { ...key, assignedTo }), { code: 'invalid_request' })
  }
  const inChannel = { ...place, conversationId: general, action: 'Call' }
  await assert.rejects(createManualAction(world.as('bob'), inChannel), { code: 'conversation_not_found' })
})
