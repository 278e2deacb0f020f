import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { until } from '../../testing/client-world.ts'
import { CAROL, NOW, type ScheduleWorld, scheduleWorld } from '../../testing/schedule-world.ts'
import { listAddresses } from '../addresses/list-addresses.ts'
import { removeAddress } from '../addresses/remove-address.ts'
import { setConsent } from '../consents/set-consent.ts'
import { deleteContactConversation } from '../contact-conversations/delete-contact-conversation.ts'
import { updateContactDetails } from '../contacts/update-contact-details.ts'
import { sendToContact } from '../deliveries/send-to-contact.ts'
import { listManualActions } from '../manual-actions/list-manual-actions.ts'
import { removeMember } from '../workspaces/remove-member.ts'
import { updateMember } from '../workspaces/update-member.ts'
import { cancelSchedule } from './cancel-schedule.ts'
import { claimSchedules, LEASE_MS } from './claim-schedules.ts'
import { fireSchedule } from './fire-schedule.ts'
import { clientIdOf } from './queries.ts'
import type { Schedule } from './schema.ts'

const HOUR_MS = 3_600_000
const LATER = addMs(NOW, HOUR_MS)

test('the rules of the moment at which it is due decide; what they refuse is told to a person, once', async (t) => {
  const world = await scheduleWorld(t)
  const people = []
  for (let i = 0; i < 5; i++) people.push(await world.meet(`+1555867530${i}`))
  const [dnd, optedOut, deleted, left, fine] = people as [Place, Place, Place, Place, Place]
  await updateContactDetails(world.as('ada'), { ...dnd, ownerId: world.ids.cy })
  const at = { scheduledAt: LATER }
  const { ids, as } = world
  const refused = {
    contact_dnd: await world.schedule(dnd, at),
    opted_out: await world.schedule(optedOut, { ...at, to: '+15558675301' }),
    conversation_not_found: await world.schedule(deleted, at),
    address_not_found: await world.schedule(left, { ...at, to: '+15558675399' }),
  }
  const last = await world.schedule(fine, at)
  await updateContactDetails(as('ada'), { ...dnd, isDnd: true })
  await setConsent(as('ada'), { ...optedOut, transport: 'sms', address: '+15558675301', isOptedOut: true })
  await deleteContactConversation(as('ada'), deleted)
  const added = (await listAddresses(as('ada'), left)).find(({ value }) => value === '+15558675399')!
  await removeAddress(as('ada'), { ...left, addressId: added.id })

  world.setNow(LATER)
  world.startFiring()
  await world.untilStatus(last, 'sent')
  for (const [code, schedule] of Object.entries(refused)) {
    const { errorCode, errorReason, messageId } = await world.untilStatus(schedule, 'failed')
    assert.deepEqual([errorCode, messageId], [code, null])
    assert.ok(errorReason)
    const key = { workspaceId: ids.workspace, scheduleId: schedule.id }
    await assert.rejects(cancelSchedule(as('ada'), key), { code: 'scheduled_message_failed' })
  }
  for (const place of [dnd, optedOut, deleted, left]) {
    assert.equal((await world.messagesOf(place.conversationId)).length, 0)
  }
  const actions = await listManualActions(as('bob'), { workspaceId: ids.workspace, page: 1, pageSize: 10 })
  assert.deepEqual(
    actions.map(({ reasonCode, scheduleId, status }) => [reasonCode, scheduleId, status]).sort(),
    Object.entries(refused)
      .map(([code, { id }]) => [code, id, 'pending'])
      .sort(),
  )
  const byCode = new Map(actions.map((action) => [action.reasonCode, action]))
  assert.equal(byCode.get('contact_dnd')!.assignedTo, ids.cy, 'the contact has an owner')
  assert.equal(byCode.get('opted_out')!.assignedTo, ids.bob, 'else it is for who wrote it')
  assert.match(byCode.get('opted_out')!.action, /scheduled SMS to \+15558675301 was not sent\. .*opted out/)
})

test('nothing is sent in the name of somebody who left the team, or is only a guest in it now', async (t) => {
  const world = await scheduleWorld(t)
  const { workspace: workspaceId, bob: userId } = world.ids
  const carol = await world.meet(CAROL)
  const guest = await world.schedule(carol, { scheduledAt: LATER })
  const gone = await world.schedule(carol, { scheduledAt: addMs(LATER, 1) })
  world.startFiring()
  await updateMember(world.as('ada'), { workspaceId, userId, role: 'guest' })
  world.setNow(LATER)
  const first = await world.untilStatus(guest, 'failed')
  await removeMember(world.as('ada'), { workspaceId, userId })
  world.setNow(addMs(LATER, 1))
  const second = await world.untilStatus(gone, 'failed')
  assert.deepEqual([first.errorCode, second.errorCode], ['permission_denied', 'workspace_not_found'])
  assert.match(second.errorReason!, /not on the team/)
  const actions = await listManualActions(world.as('ada'), { workspaceId, page: 1, pageSize: 10 })
  assert.deepEqual(
    actions.map(({ assignedTo }) => assignedTo),
    [null, null],
  )
})

test('WhatsApp is asked again when a message is due: its window may have closed', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const { kysely } = world.runtime.core.database
  const { id: senderId } = await kysely
    .selectFrom('senders')
    .select('id')
    .where('transport', '=', 'whatsapp')
    .executeTakeFirstOrThrow()
  const leg = { conversationId: carol.conversationId, senderId, address: CAROL, lastInboundAt: NOW, createdAt: NOW }
  await kysely.insertInto('legs').values(leg).execute()
  const within = await world.schedule(carol, { scheduledAt: addMs(NOW, 23 * HOUR_MS), transport: 'whatsapp' })
  const beyond = await world.schedule(carol, { scheduledAt: addMs(NOW, 25 * HOUR_MS), transport: 'whatsapp' })
  world.startFiring()
  world.setNow(addMs(NOW, 23 * HOUR_MS))
  await world.untilStatus(within, 'sent')
  world.setNow(addMs(NOW, 25 * HOUR_MS))
  assert.equal((await world.untilStatus(beyond, 'failed')).errorCode, 'whatsapp_window_closed')
})

test('what became due while no server ran is sent after the start, each conversation in its order', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const made = []
  // Scheduled in another order than they are due in.
  for (const i of [3, 1, 2, 0]) {
    made.push(await world.schedule(carol, { scheduledAt: addMs(LATER, i * 1_000), body: `${i}` }))
  }
  world.setNow(addMs(LATER, 48 * HOUR_MS))
  world.startFiring()
  await Promise.all(made.map((one) => world.untilStatus(one, 'sent')))
  assert.deepEqual(
    (await world.messagesOf(carol.conversationId)).map(({ body }) => body),
    ['0', '1', '2', '3'],
  )
})

test('however many are due at once, few are sent at a time, each once, by two nodes together', async (t) => {
  const world = await scheduleWorld(t)
  const places = await Promise.all(Array.from({ length: 40 }, (_, i) => world.meet(`+1555867${5300 + i}`)))
  const made: Schedule[] = []
  for (const [i, place] of places.entries()) {
    for (let n = 0; n < 3; n++) {
      made.push(await world.schedule(place, { scheduledAt: addMs(LATER, n), body: `${i} ${n}` }))
    }
  }
  const node = await world.openNode()
  world.setNow(addMs(LATER, 10))
  world.startFiring({ atOnce: 2 })
  world.startFiring({ atOnce: 2 }, node)
  const { kysely } = world.runtime.core.database
  let most = 0
  await until('all are sent', async () => {
    const rows = await kysely.selectFrom('scheduledMessages').select(['status', 'claimedUntil']).execute()
    most = Math.max(most, rows.filter(({ claimedUntil }) => claimedUntil !== null).length)
    return rows.every(({ status }) => status === 'sent')
  })
  assert.ok(most <= 4, `${most} at once`)
  for (const [i, place] of places.entries()) {
    const bodies = (await world.messagesOf(place.conversationId)).map(({ body }) => body)
    assert.deepEqual(bodies, [`${i} 0`, `${i} 1`, `${i} 2`])
  }
  assert.equal(made.length, 120)
})

test('cancelling while it is sent: one of both wins, never both', async (t) => {
  const world = await scheduleWorld(t)
  const places = await Promise.all(Array.from({ length: 24 }, (_, i) => world.meet(`+1555867${5300 + i}`)))
  const made = await Promise.all(places.map((place) => world.schedule(place, { scheduledAt: LATER })))
  world.setNow(LATER)
  world.startFiring({ pollMs: 1 })
  const outcomes = await Promise.all(
    made.map(async ({ id, workspaceId }, i) => {
      // Spread over the time in which all are sent.
      await until('it is its turn', async () => i < 8 || (await world.find(made[i - 8]!)).status !== 'scheduled')
      return cancelSchedule(world.as('cy'), { workspaceId, scheduleId: id }).then(
        () => 'cancelled',
        (error) => error.code,
      )
    }),
  )
  for (const [i, outcome] of outcomes.entries()) {
    const sent = await world.messagesOf(places[i]!.conversationId)
    if (outcome === 'cancelled') {
      assert.deepEqual([(await world.find(made[i]!)).status, sent.length], ['cancelled', 0])
    } else {
      assert.equal(outcome, 'scheduled_message_sent')
      await world.untilStatus(made[i]!, 'sent')
      assert.equal((await world.messagesOf(places[i]!.conversationId)).length, 1)
    }
  }
})

test('a node that dies after the send leaves a message that went out once, whatever is forbidden since', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const schedule = await world.schedule(carol, { scheduledAt: LATER })
  const key = { workspaceId: schedule.workspaceId, scheduleId: schedule.id }
  world.setNow(LATER)
  const [claim] = await claim1(world)
  const { input, transport, workspaceId, conversationId } = claim!
  const send = { workspaceId, conversationId, transport, ...input, clientId: clientIdOf(schedule.id) }
  const { message } = await sendToContact(world.as('bob'), send)
  // Here it dies.
  await assert.rejects(cancelSchedule(world.as('ada'), key), { code: 'scheduled_message_sent' })
  await updateContactDetails(world.as('ada'), { ...carol, isDnd: true })
  world.startFiring()
  world.setNow(addMs(LATER, LEASE_MS - 1))
  assert.equal((await claim1(world)).length, 0, 'its lease has not ended')
  world.setNow(addMs(LATER, LEASE_MS))
  assert.equal((await world.untilStatus(schedule, 'sent')).messageId, message.id)
  assert.equal((await world.messagesOf(carol.conversationId)).length, 1)
  // The first node wakes up again: it changes nothing.
  await fireSchedule(world.runtime.core, claim!)
  assert.equal((await world.messagesOf(carol.conversationId)).length, 1)
  assert.equal((await world.find(schedule)).messageId, message.id)
})

test('one that died before the send is sent by another, and two at once send once', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const schedule = await world.schedule(carol, { scheduledAt: LATER })
  world.setNow(LATER)
  const [first] = await claim1(world)
  world.setNow(addMs(LATER, LEASE_MS))
  const [second] = await claim1(world)
  assert.deepEqual([first!.number, second!.number], [1, 2])
  await Promise.all([fireSchedule(world.runtime.core, first!), fireSchedule(world.runtime.core, second!)])
  assert.equal((await world.find(schedule)).status, 'sent')
  assert.equal((await world.messagesOf(carol.conversationId)).length, 1)
})

test('while too much is to do a message waits, holds up no other and can be cancelled', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const dave = await world.meet('+15558675311')
  const { core } = world.runtime
  const busy = await world.schedule(carol, { scheduledAt: LATER })
  const { write } = core.ports.messageWriter
  const { AppError } = await import('../errors.ts')
  core.ports.messageWriter.write = async (draft) => {
    if (draft.conversationId === carol.conversationId) throw new AppError('overloaded')
    return write.call(core.ports.messageWriter, draft)
  }
  world.setNow(LATER)
  const other = await world.schedule(dave, { scheduledAt: addMs(LATER, 1) })
  world.setNow(addMs(LATER, 1))
  world.startFiring()
  await world.untilStatus(other, 'sent')
  const row = () =>
    world.system.db.selectFrom('scheduledMessages').selectAll().where('id', '=', busy.id).executeTakeFirstOrThrow()
  await until('it is given back', async () => (await row()).claimedUntil === null)
  assert.deepEqual([(await row()).status, (await row()).dueAt], ['scheduled', addMs(LATER, 1_001)])
  const key = { workspaceId: busy.workspaceId, scheduleId: busy.id }
  assert.equal((await cancelSchedule(world.as('ada'), key)).status, 'cancelled')
})

type Place = Awaited<ReturnType<ScheduleWorld['meet']>>

function claim1({ system, runtime }: ScheduleWorld) {
  return runtime.core.database.kysely
    .transaction()
    .execute((db) => claimSchedules(db, { now: system.now(), rowsMax: 1 }))
}
