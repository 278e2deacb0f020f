import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addMs } from '../../platform/clock.ts'
import { CAROL, NOW, scheduleWorld } from '../../testing/schedule-world.ts'
import { setConsent } from '../consents/set-consent.ts'
import { updateContactDetails } from '../contacts/update-contact-details.ts'
import { findDeliveriesOf } from '../deliveries/queries.ts'
import type { AppError } from '../errors.ts'
import { createUpload } from '../files/create-upload.ts'
import { removeExpiredFiles } from '../files/remove-expired-files.ts'
import { cancelSchedule } from './cancel-schedule.ts'
import { getSchedule } from './get-schedule.ts'
import { listSchedules } from './list-schedules.ts'
import { SCHEDULES_MAX } from './schedule-message.ts'

const HOUR_MS = 3_600_000
const LATER = addMs(NOW, HOUR_MS)

test('a scheduled message is sent when it is due, in the name of who scheduled it, and everybody hears', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const dispatcher = world.startFiring()
  const schedule = await world.schedule(carol, { scheduledAt: '2026-03-01T14:00:00+01:00', body: ' Ça va 🍽 ' })
  assert.deepEqual([schedule.status, schedule.scheduledAt, schedule.body], ['scheduled', LATER, ' Ça va 🍽 '])
  world.setNow(addMs(LATER, -1))
  const early = await world.schedule(carol, { scheduledAt: addMs(LATER, 1) })
  dispatcher.wake()
  assert.equal((await world.messagesOf(carol.conversationId)).length, 0)

  world.setNow(LATER)
  const sent = await world.untilStatus(schedule, 'sent')
  const [message, ...others] = await world.messagesOf(carol.conversationId)
  assert.deepEqual([message!.id, message!.authorId, message!.body], [sent.messageId, world.ids.bob, ' Ça va 🍽 '])
  assert.equal(others.length, 0)
  const delivery = (await findDeliveriesOf(world.system.db, [message!.id])).get(message!.id)!
  assert.deepEqual([delivery.toAddress, delivery.status, delivery.createdAt], [CAROL, 'queued', LATER])
  assert.equal((await world.find(early)).status, 'scheduled')
  const told = (await world.events()).flatMap((event) => (event.type === 'schedule.updated' ? [event] : []))
  assert.deepEqual(
    told.map(({ data, streamId }) => [data.schedule.id, data.schedule.status, streamId]),
    [
      [schedule.id, 'scheduled', carol.conversationId],
      [early.id, 'scheduled', carol.conversationId],
      [schedule.id, 'sent', carol.conversationId],
    ],
  )
})

test('what could not be sent now cannot be scheduled either, nor what is past or more than a year ahead', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const wrong = { code: 'invalid_request' }
  for (const scheduledAt of [
    NOW,
    addMs(NOW, -1),
    addMs(NOW, 367 * 24 * HOUR_MS),
    'tomorrow',
    '2026-02-30T10:00Z',
    '',
  ]) {
    await assert.rejects(world.schedule(carol, { scheduledAt }), wrong, scheduledAt)
  }
  await assert.rejects(world.schedule(carol, { scheduledAt: NOW, body: ' ', to: 'x' }), ({ fields }: AppError) => {
    assert.deepEqual(Object.keys(fields!).sort(), ['body', 'scheduled_at', 'to'])
    return true
  })
  const at = { scheduledAt: LATER }
  await assert.rejects(world.schedule(carol, { ...at, body: 'x'.repeat(1_601) }), wrong)
  await assert.rejects(world.schedule(carol, { ...at, transport: 'whatsapp' }), { code: 'whatsapp_window_closed' })
  await assert.rejects(world.schedule(carol, { ...at, from: '+15005550099' }), { code: 'sender_not_found' })
  await assert.rejects(world.schedule(carol, { ...at, transport: 'email', email: { subject: 'Hi' } }), {
    code: 'sender_not_found',
  })
  await assert.rejects(world.schedule(carol, { ...at, fileIds: [world.ids.ada] }), { code: 'file_not_found' })
  await assert.rejects(world.schedule({ ...carol, conversationId: world.ids.general }, at), {
    code: 'conversation_not_found',
  })
  const other = await world.meet('+15558675311')
  await assert.rejects(world.schedule(carol, { ...at, to: '+15558675311' }), { code: 'address_taken' })
  await updateContactDetails(world.as('ada'), { ...other, isDnd: true })
  await assert.rejects(world.schedule(other, at), { code: 'contact_dnd' })
  const address = { transport: 'sms', address: CAROL, isOptedOut: true } as const
  await setConsent(world.as('ada'), { ...carol, ...address })
  await assert.rejects(world.schedule(carol, at), { code: 'opted_out' })
  assert.equal((await listSchedules(world.as('ada'), { ...carol, page: 1, pageSize: 10 })).totalCount, 0)
})

test('guests may not, and for strangers there is nothing', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const { id: scheduleId, workspaceId } = await world.schedule(carol, { scheduledAt: LATER })
  const key = { workspaceId, scheduleId }
  for (const [name, code] of [
    ['gus', 'permission_denied'],
    ['eve', 'workspace_not_found'],
    ['mallory', 'workspace_not_found'],
  ] as const) {
    const ctx = world.as(name)
    await assert.rejects(getSchedule(ctx, key), { code })
    await assert.rejects(cancelSchedule(ctx, key), { code })
    await assert.rejects(listSchedules(ctx, { ...carol, page: 1, pageSize: 10 }), { code })
  }
  const elsewhere = { scheduleId, workspaceId: world.ids.otherWorkspace }
  await assert.rejects(cancelSchedule(world.as('mallory'), elsewhere), { code: 'scheduled_message_not_found' })
  assert.equal((await getSchedule(world.as('cy'), key)).status, 'scheduled')
})

test('a cancelled message is never sent, and cancelling it again changes nothing', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const schedule = await world.schedule(carol, { scheduledAt: LATER })
  const key = { workspaceId: world.ids.workspace, scheduleId: schedule.id }
  const cancelled = await cancelSchedule(world.as('ada'), key)
  assert.equal(cancelled.status, 'cancelled')
  assert.deepEqual(await cancelSchedule(world.as('cy'), key), cancelled)
  const next = await world.schedule(carol, { scheduledAt: LATER, body: 'Another' })
  world.setNow(addMs(LATER, HOUR_MS))
  world.startFiring()
  await world.untilStatus(next, 'sent')
  assert.deepEqual(
    (await world.messagesOf(carol.conversationId)).map(({ body }) => body),
    ['Another'],
  )
  const sentKey = { ...key, scheduleId: next.id }
  await assert.rejects(cancelSchedule(world.as('ada'), sentKey), { code: 'scheduled_message_sent' })
  const events = (await world.events()).filter(({ type }) => type === 'schedule.updated')
  assert.equal(events.length, 4)
})

test('the list of a conversation goes page by page, also of one state', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const made = []
  for (let i = 0; i < 5; i++) made.push(await world.schedule(carol, { scheduledAt: addMs(LATER, -i), body: `${i}` }))
  await cancelSchedule(world.as('ada'), { workspaceId: carol.workspaceId, scheduleId: made[1]!.id })
  const list = async (page: number, status?: 'scheduled' | 'cancelled') => {
    const { rows, totalCount } = await listSchedules(world.as('cy'), { ...carol, status, page, pageSize: 2 })
    return [rows.map(({ body }) => body).join(), totalCount]
  }
  assert.deepEqual(
    [await list(1), await list(3), await list(4)],
    [
      ['0,1', 5],
      ['4', 5],
      ['', 5],
    ],
  )
  assert.deepEqual(
    [await list(2, 'scheduled'), await list(1, 'cancelled')],
    [
      ['3,4', 4],
      ['1', 1],
    ],
  )
})

test('what a message takes along is kept until it is sent', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const { file } = await createUpload(world.as('bob'), { name: 'a.png', contentType: 'image/png', sizeBytes: 4 })
  const { kysely } = world.runtime.core.database
  const completion = { completedAt: NOW, expiresAt: addMs(NOW, 24 * HOUR_MS) }
  await kysely.updateTable('files').set(completion).where('id', '=', file.id).execute()
  const scheduledAt = addMs(NOW, 90 * 24 * HOUR_MS)
  const schedule = await world.schedule(carol, { scheduledAt, fileIds: [file.id] })
  world.setNow(addMs(scheduledAt, 24 * HOUR_MS))
  assert.deepEqual(await removeExpiredFiles(world.system), { removed: 0 })
  world.startFiring()
  await world.untilStatus(schedule, 'sent')
  const [message] = await world.messagesOf(carol.conversationId)
  assert.deepEqual(
    message!.attachments.map(({ fileId }) => fileId),
    [file.id],
  )
})

test('a conversation holds no more waiting messages than it can', async (t) => {
  const world = await scheduleWorld(t)
  const carol = await world.meet(CAROL)
  const first = await world.schedule(carol, { scheduledAt: LATER })
  const { kysely } = world.runtime.core.database
  const row = await kysely
    .selectFrom('scheduledMessages')
    .selectAll()
    .where('id', '=', first.id)
    .executeTakeFirstOrThrow()
  const rows = Array.from({ length: SCHEDULES_MAX - 1 }, () => {
    return { ...row, id: world.system.newId(), input: JSON.stringify(row.input) }
  })
  await kysely.insertInto('scheduledMessages').values(rows).execute()
  await assert.rejects(world.schedule(carol, { scheduledAt: LATER }), { code: 'too_many_scheduled_messages' })
  // Nobody was told of the rows that were written behind the operations' back.
  await kysely
    .deleteFrom('scheduledMessages')
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute()
})
