import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { begin, makeFirstTeam, startWithCarriers } from './carriers.ts'
import { data, idsOf, refused } from './team.ts'

const carriers = await startWithCarriers()
const { twilio } = carriers
const { ada, bob, cy, gus, eve, mallory } = await makeFirstTeam(carriers)

const PATH = '/conversations/manual-actions'

type Action = { id: string; conversationId: string; reason?: string }

async function actionsOf(conversationId: string, query = ''): Promise<(Action & Record<string, unknown>)[]> {
  const found: (Action & Record<string, unknown>)[] = await data(200, bob.get(`${PATH}?pageSize=100${query}`))
  return found.filter((one) => one.conversationId === conversationId)
}

test('a member writes one down, another completes it, and it can be opened again', async () => {
  const person = await begin(bob)
  const input = { conversationId: person.id, action: ' Call back ', assignedTo: cy.id }
  const { id, createdAt, ...shown } = await data(201, bob.post(PATH, input))
  assert.ok(id && Date.parse(createdAt))
  const made = { conversationId: person.id, action: 'Call back', status: 'pending', assignedTo: cy.id }
  assert.deepEqual(shown, { ...made, createdBy: bob.id })
  assert.deepEqual(await actionsOf(person.id, '&status=pending'), [{ id, createdAt, ...shown }])

  const done = await data(200, cy.patch(`${PATH}/${id}`, { status: 'completed' }))
  assert.deepEqual([done.status, done.completedBy, done.assignedTo], ['completed', cy.id, cy.id])
  assert.ok(done.completedAt >= createdAt)
  assert.deepEqual(await data(200, bob.patch(`${PATH}/${id}`, { status: 'completed' })), done)
  assert.deepEqual(await actionsOf(person.id, '&status=pending'), [])
  assert.deepEqual(await actionsOf(person.id, '&status=completed'), [done])

  const open = await data(200, bob.patch(`${PATH}/${id}`, { status: 'pending', assignedTo: null }))
  const { assignedTo: _, ...unassigned } = shown
  assert.deepEqual(open, { id, createdAt, ...unassigned })
  const failed = await data(200, bob.patch(`${PATH}/${id}`, { status: 'failed' }))
  assert.deepEqual([failed.status, failed.completedBy], ['failed', bob.id])
})

test('a message that fails for good is told to a person, and one that arrives is not', async () => {
  const person = await begin(bob)
  await data(200, bob.patch(`${person.path}/contact`, { ownerId: ada.id }))
  twilio.fail({ kind: 'refused', status: 400, code: 21211, message: 'Invalid To number' })
  const first = await data(201, bob.post(`${person.path}/messages/sms`, { message: 'Hello', to: person.phone }))
  const [action] = await eventually(async () => {
    const found = await actionsOf(person.id)
    assert.equal(found.length, 1)
    return found
  })
  assert.deepEqual([action!.status, action!.assignedTo, action!.createdBy], ['pending', ada.id, undefined])
  assert.equal(action!.reason, '21211')
  assert.ok(String(action!.action).startsWith(`The SMS to ${person.phone} was not delivered.`))
  await data(201, bob.post(`${person.path}/messages/sms`, { message: 'Again', to: person.phone }))
  await eventually(async () => {
    const { data: messages } = await data(200, bob.get(`${person.path}/messages`))
    assert.deepEqual(
      messages.map(({ status }: { status: string }) => status),
      ['failed', 'delivered'],
    )
    assert.equal(messages[0].id, first.id)
  })
  assert.deepEqual(idsOf(await actionsOf(person.id)), [action!.id])
})

test('the list goes page by page, what waits longest first', async () => {
  const person = await begin(bob)
  const made = []
  for (const action of ['a', 'b', 'c']) {
    made.push(await data(201, bob.post(PATH, { conversationId: person.id, action })))
  }
  const all = idsOf(await data(200, ada.get(`${PATH}?pageSize=100`)))
  assert.deepEqual(all.slice(-3), idsOf(made))
  const paged = []
  for (let page = 1; page <= Math.ceil(all.length / 2); page++) {
    paged.push(...idsOf(await data(200, ada.get(`${PATH}?pageSize=2&page=${page}`))))
  }
  assert.deepEqual(paged, all)
  for (const query of ['pageSize=0', 'pageSize=101']) {
    await refused('422 invalid_request pageSize', ada.get(`${PATH}?${query}`))
  }
  await refused('422 invalid_request page', ada.get(`${PATH}?page=0`))
  await refused('422 invalid_request status', ada.get(`${PATH}?status=open`))
})

test('guests may not, strangers find nothing, and what makes no sense is refused', async () => {
  const person = await begin(bob)
  const body = { conversationId: person.id, action: 'Call' }
  const { id } = await data(201, bob.post(PATH, body))
  await refused('403 permission_denied', gus.get(PATH))
  await refused('403 permission_denied', gus.post(PATH, body))
  await refused('403 permission_denied', gus.patch(`${PATH}/${id}`, { status: 'completed' }))
  await refused('404 workspace_not_found', eve.get(PATH))
  assert.deepEqual(await data(200, mallory.get(PATH)), [])
  await refused('404 conversation_not_found conversationId', mallory.post(PATH, body))
  await refused('404 manual_action_not_found', mallory.patch(`${PATH}/${id}`, { status: 'completed' }))
  await refused('404 manual_action_not_found', bob.patch(`${PATH}/${crypto.randomUUID()}`, { status: 'completed' }))
  await refused('422 invalid_request manualActionId', bob.patch(`${PATH}/none`, { status: 'completed' }))
  await refused('422 invalid_request status', bob.patch(`${PATH}/${id}`, { status: 'done' }))
  for (const assignedTo of [gus.id, eve.id, 'nobody']) {
    await refused('422 invalid_request assignedTo', bob.post(PATH, { ...body, assignedTo }))
    await refused('422 invalid_request assignedTo', bob.patch(`${PATH}/${id}`, { assignedTo }))
  }
  for (const action of ['', ' ', 'x'.repeat(1_001)]) {
    await refused('422 invalid_request action', bob.post(PATH, { ...body, action }))
  }
  await refused('422 invalid_request action conversationId', bob.post(PATH, {}))
  await refused('422 invalid_request conversationId', bob.post(PATH, { ...body, conversationId: 'x' }))
})
