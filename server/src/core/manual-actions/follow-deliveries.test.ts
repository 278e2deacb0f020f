import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { until } from '../../testing/client-world.ts'
import { CAROL, NOW, type ScheduleWorld, scheduleWorld } from '../../testing/schedule-world.ts'
import { updateContactDetails } from '../contacts/update-contact-details.ts'
import { applySteps } from '../deliveries/apply-steps.ts'
import { findDeliveriesOf } from '../deliveries/queries.ts'
import type { Delivery, HeardStep } from '../deliveries/schema.ts'
import { sendToContact } from '../deliveries/send-to-contact.ts'
import { updateMember } from '../workspaces/update-member.ts'
import { followDeliveries } from './follow-deliveries.ts'
import { listManualActions } from './list-manual-actions.ts'
import { ManualActionFollower } from './manual-action-follower.ts'
import { raiseForUnknown } from './raise-for-unknown.ts'
import { updateManualAction } from './update-manual-action.ts'

const DAY_MS = 24 * 3_600_000

test('a message that failed for good is told to a person, once, however often that is read', async (t) => {
  const world = await scheduleWorld(t)
  const delivery = await send(world)
  follow(t, world)
  await hear(world, delivery, { status: 'sent' })
  await hear(world, delivery, { status: 'failed', code: '30003', reason: 'The phone was off for too long.' })
  const [action] = await until('a person is told', async () => {
    const found = await list(world)
    return found.length > 0 && found
  })
  assert.deepEqual(
    [action!.reasonCode, action!.status, action!.deliveryId, action!.createdBy, action!.assignedTo],
    ['30003', 'pending', delivery.id, null, world.ids.bob],
  )
  assert.equal(action!.action, `The SMS to ${CAROL} was not delivered. The phone was off for too long.`)
  const key = { workspaceId: action!.workspaceId, manualActionId: action!.id }
  const completed = await updateManualAction(world.as('ada'), { ...key, status: 'completed' })
  await readAgain(world)
  assert.deepEqual(await list(world), [completed])
})

test('it is for the owner of the contact, as long as they are on the team', async (t) => {
  const world = await scheduleWorld(t)
  const { contactId, workspaceId } = await world.meet(CAROL)
  await updateContactDetails(world.as('ada'), { workspaceId, contactId, ownerId: world.ids.cy })
  const [first, second] = [await send(world), await send(world)]
  await hear(world, first, { status: 'failed' })
  await readOn(world)
  await updateMember(world.as('ada'), { workspaceId, userId: world.ids.cy, role: 'guest' })
  await hear(world, second, { status: 'failed' })
  await readOn(world)
  const { cy, bob } = world.ids
  assert.deepEqual(
    (await list(world)).map(({ assignedTo }) => assignedTo),
    [cy, bob],
  )
})

test('what fails while nobody reads is told of later, and of two who read at once one writes', async (t) => {
  const world = await scheduleWorld(t)
  const failed = []
  for (let i = 0; i < 7; i++) failed.push(await send(world))
  for (const delivery of failed) await hear(world, delivery, { status: 'failed' })
  const node = await world.openNode()
  const followers = [new ManualActionFollower(world.runtime.core), new ManualActionFollower(node.core)]
  t.after(() => Promise.all(followers.map((one) => one.close())))
  for (const one of followers) one.start()
  await until('all are told of', async () => (await list(world)).length === failed.length)
  await readAgain(world)
  assert.deepEqual((await list(world)).map(({ deliveryId }) => deliveryId).sort(), failed.map(({ id }) => id).sort())
})

test('that a person does not want messages is nothing to act on, unless somebody counts on a scheduled one', async (t) => {
  const world = await scheduleWorld(t)
  const plain = await send(world)
  const window = await send(world)
  const place = await world.meet(CAROL)
  const schedule = await world.schedule(place, { scheduledAt: addMs(NOW, 1) })
  world.setNow(addMs(NOW, 1))
  world.startFiring()
  const { messageId } = await world.untilStatus(schedule, 'sent')
  const scheduled = (await findDeliveriesOf(world.system.db, [messageId!])).get(messageId!)!
  for (const code of ['contact_dnd', 'opted_out']) {
    const delivery = code === 'opted_out' ? plain : scheduled
    await hear(world, delivery, { status: 'failed', source: 'attempt', code, reason: 'They do not want it.' })
  }
  await hear(world, window, { status: 'failed', source: 'attempt', code: 'whatsapp_window_closed' })
  await readOn(world)
  assert.deepEqual(
    (await list(world)).map(({ deliveryId, reasonCode }) => [deliveryId, reasonCode]).sort(),
    [
      [scheduled.id, 'contact_dnd'],
      [window.id, 'whatsapp_window_closed'],
    ].sort(),
  )
})

test('of what is unknown for a day a person is told; once it arrived, nothing is left to do', async (t) => {
  const world = await scheduleWorld(t)
  const delivery = await send(world)
  const { db } = world.system
  // As a handover leaves it that ended without an answer.
  await db.updateTable('deliveries').set({ claimedAt: NOW, status: 'sending', attemptCount: 1 }).execute()
  await hear(world, delivery, { status: 'unknown', dueAt: addMs(NOW, 15_000) })
  world.setNow(addMs(NOW, DAY_MS - 1))
  // Its carrier was asked in vain, again and again.
  await hear(world, delivery, { status: 'unknown', source: 'inquiry', dueAt: addMs(NOW, DAY_MS) })
  assert.deepEqual(await raiseForUnknown(world.system), { raised: 0 })
  world.setNow(addMs(NOW, DAY_MS))
  assert.deepEqual(await raiseForUnknown(world.system), { raised: 1 })
  assert.deepEqual(await raiseForUnknown(world.system), { raised: 0 })
  await readOn(world)
  const [action] = await list(world)
  assert.deepEqual([action!.reasonCode, action!.deliveryId, action!.status], ['unknown', delivery.id, 'pending'])
  const at = addMs(NOW, DAY_MS + 1)
  world.setNow(at)
  await hear(world, delivery, { status: 'delivered', source: 'report' })
  await readOn(world)
  const [settled] = await list(world)
  assert.deepEqual([settled!.status, settled!.completedBy, settled!.completedAt], ['completed', null, at])
})

test('one that comes back after it was delivered stays delivered, and a person is told, once', async (t) => {
  const world = await scheduleWorld(t)
  const delivery = await send(world)
  await hear(world, delivery, { status: 'delivered', source: 'report', reportKey: 'a' })
  const bounce = { status: 'failed', source: 'report', code: '550', reason: 'No such mailbox.' } as const
  await hear(world, delivery, { ...bounce, reportKey: 'b' })
  await hear(world, delivery, { ...bounce, reportKey: 'b' })
  await hear(world, delivery, { ...bounce, reportKey: 'c' })
  // That it was delivered, before, does not settle it.
  await readOn(world)
  const [action, ...others] = await list(world)
  assert.equal(others.length, 0)
  assert.deepEqual([action!.status, action!.reasonCode, action!.deliveryId], ['pending', '550', delivery.id])
  assert.equal(action!.action, `The SMS to ${CAROL} came back after it was delivered. No such mailbox.`)
  const found = await findDeliveriesOf(world.system.db, [delivery.messageId])
  assert.equal(found.get(delivery.messageId)!.status, 'delivered')
})

/** An SMS of bob's to carol that waits to be handed over. */
async function send(world: ScheduleWorld): Promise<Delivery> {
  const { workspaceId, conversationId } = await world.meet(CAROL)
  const input = { workspaceId, conversationId, transport: 'sms', body: 'Hello' } as const
  return (await sendToContact(world.as('bob'), input)).delivery
}

async function hear({ system }: ScheduleWorld, { id }: Delivery, step: Partial<HeardStep>): Promise<void> {
  const nothing = { attempt: null, dueAt: null, carrierId: null, carrierStatus: null, code: null, reason: null }
  const heard = { deliveryId: id, status: 'sent', source: 'report', reportKey: null, ...nothing } as const
  await applySteps(system, [{ ...heard, occurredAt: system.now(), ...step }])
}

function follow(t: { after(end: () => Promise<void>): void }, { runtime, tail }: ScheduleWorld): void {
  const follower = new ManualActionFollower(runtime.core)
  t.after(() => follower.close())
  tail.listen((events) => follower.wake(events))
  follower.start()
}

/** Reads what is new in the log, in small parts. */
async function readOn({ system }: ScheduleWorld): Promise<void> {
  while ((await followDeliveries(system, { positionsMax: 3 })).isFull);
}

async function readAgain(world: ScheduleWorld): Promise<void> {
  const { db } = world.system
  await db.updateTable('logReaders').set({ position: 0 }).where('name', '=', 'manual_actions').execute()
  await until('nobody else reads', async () => (await followDeliveries(world.system, { positionsMax: 1 })).position)
  await readOn(world)
}

function list(world: ScheduleWorld) {
  return listManualActions(world.as('ada'), { workspaceId: world.ids.workspace, page: 1, pageSize: 50 })
}
