import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { test } from 'node:test'
import type { Name } from '../../testing/cast.ts'
import { type ContactWorld, contactWorld } from '../../testing/contact-world.ts'
import { addAddress } from '../addresses/add-address.ts'
import { createContext } from '../context.ts'
import type { Transport } from '../deliveries/carrier.ts'
import { applyKeyword } from './apply-keyword.ts'
import { idAfter } from './ledger.ts'
import { listConsents } from './list-consents.ts'
import { findNewestConsent, findOptOuts, isOptedOut } from './queries.ts'
import { recordConsent } from './record-consent.ts'
import { setConsent } from './set-consent.ts'

const PHONE = '+14155238886'
const AT = '2026-03-01T12:00:00.000Z'
const LATER = '2026-03-01T12:00:01.000Z'

test('what a person writes puts them out and brings them back, for that address and transport alone', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  const stop = await say(world, carol, 'Stop!', AT)
  assert.deepEqual([stop.keyword, stop.consent?.isOptedOut, stop.consent?.evidence], ['out', true, 'Stop!'])
  assert.equal(stop.consent?.createdAt, AT)
  const { system, workspaceId } = world
  const states = (address: string) =>
    Promise.all(
      (['sms', 'whatsapp'] as const).map((transport) => isOptedOut(system.db, { workspaceId, transport, address })),
    )
  assert.deepEqual(await states(PHONE), [true, false])
  assert.deepEqual(await states('+14155238887'), [false, false])
  const elsewhere = { workspaceId: world.ids.otherWorkspace, transport: 'sms', address: PHONE } as const
  assert.equal(await isOptedOut(system.db, elsewhere), false)
  await say(world, carol, 'START', LATER)
  assert.deepEqual(await states(PHONE), [false, false])
  assert.deepEqual(await announced(world), [true, false])
})

test('help, an ordinary message and an opt-in of somebody who is not out change nothing', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  const said = []
  for (const body of ['HELP', 'please stop', 'START', 'Yes']) said.push(await say(world, carol, body, AT))
  assert.deepEqual(
    said.map(({ keyword, consent }) => [keyword, consent]),
    [
      ['help', null],
      [null, null],
      ['in', null],
      ['in', null],
    ],
  )
  assert.deepEqual(await announced(world), [])
})

test('a message that is applied twice, also at once, counts once', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  const messageId = randomUUIDv7()
  const stops = await Promise.all(Array.from({ length: 4 }, () => say(world, carol, 'STOP', AT, messageId)))
  assert.equal(new Set(stops.map(({ consent }) => consent?.id)).size, 1)
  await say(world, carol, 'START', LATER)
  // Not an opt-out anew: it was said before START.
  assert.equal((await say(world, carol, 'STOP', AT, messageId)).consent?.id, stops[0]!.consent?.id)
  assert.deepEqual(await announced(world), [true, false])
})

test('in doubt nobody is written to: an opt-out counts though it is applied late, an opt-in does not', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  await say(world, carol, 'STOP', LATER)
  assert.equal((await say(world, carol, 'START', AT)).consent, null)
  await say(world, carol, 'START', LATER)
  await say(world, carol, 'STOP', AT)
  assert.deepEqual(await announced(world), [true, false, true])
})

test('YES undoes what a word or the carrier did, not what a member or an import knows', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  const { system, workspaceId } = world
  const key = { workspaceId, contactId: carol, transport: 'sms', address: PHONE } as const
  world.setNow(AT)
  const outcomes = []
  for (const source of ['keyword', 'carrier', 'member', 'import'] as const) {
    await recordConsent(system, { ...key, isOptedOut: true, source, evidence: null })
    outcomes.push((await say(world, carol, 'yes', LATER)).consent !== null)
  }
  assert.deepEqual(outcomes, [true, true, false, false])
  assert.equal((await say(world, carol, 'start', LATER)).consent?.isOptedOut, false)
})

test('who goes out and comes back on two nodes at once is what the last of the log says', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  const { workspaceId } = world
  const node = await world.openNode()
  const contexts = [world.system, createContext(node.core, world.system.actor)]
  const key = { workspaceId, contactId: carol, transport: 'sms', address: PHONE } as const
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      recordConsent(contexts[i % 2]!, { ...key, isOptedOut: i % 3 === 0, source: 'carrier', evidence: String(i) }),
    ),
  )
  const events = (await world.events()).flatMap(({ data }) => ('consent' in data ? [data.consent] : []))
  const rows = await world.system.db.selectFrom('consents').select(['id']).orderBy('id').execute()
  assert.deepEqual(
    rows.map(({ id }) => id),
    events.map(({ id }) => id),
  )
  assert.equal((await findNewestConsent(world.system.db, key))?.evidence, events.at(-1)?.evidence)
})

test('what a node with a slower clock records last is the newest all the same', async (t) => {
  const world = await contactWorld(t, { eventTruth: false })
  const carol = await reachable(world)
  const { system, workspaceId } = world
  const key = { workspaceId, contactId: carol, transport: 'sms', address: PHONE } as const
  const { id } = await recordConsent(system, { ...key, isOptedOut: false, source: 'import', evidence: null })
  // As a node whose clock is years ahead would have given it.
  const ahead = '01ffffff-ffff-7000-8000-ffffffffffff'
  await system.db.updateTable('consents').set({ id: ahead }).where('id', '=', id).execute()
  const { consent } = await say(world, carol, 'STOP', AT)
  assert.equal((await findNewestConsent(system.db, key))?.id, consent?.id)
  assert.equal(await isOptedOut(system.db, key), true)
})

test('an id after another is the next one where it is not higher by itself', () => {
  const low = '00000000-0000-7000-8000-000000000001'
  const high = '0199ffff-ffff-7fff-bfff-ffffffffffff'
  assert.equal(idAfter(undefined, low), low)
  assert.equal(idAfter(low, high), high)
  assert.equal(idAfter(low, low), '00000000-0000-7000-8000-000000000002')
  assert.equal(idAfter(high, low), '0199ffff-ffff-7fff-c000-000000000000')
})

test('a thousand addresses are asked about at once', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  const { system, workspaceId } = world
  const key = { workspaceId, contactId: carol, transport: 'sms', source: 'import', evidence: null } as const
  const addresses = Array.from({ length: 1_000 }, (_, i) => `+1415523${1_000 + i}`)
  for (const i of [0, 1, 999]) await recordConsent(system, { ...key, address: addresses[i]!, isOptedOut: true })
  await recordConsent(system, { ...key, address: addresses[1]!, isOptedOut: false })
  await recordConsent(system, { ...key, transport: 'whatsapp', address: addresses[2]!, isOptedOut: true })
  const found = await findOptOuts(system.db, { workspaceId, transport: 'sms', addresses })
  assert.deepEqual([...found].sort(), [addresses[0], addresses[999]])
  const asked = { workspaceId: world.ids.otherWorkspace, transport: 'sms' as const, addresses }
  assert.equal((await findOptOuts(system.db, asked)).size, 0)
  assert.equal((await findOptOuts(system.db, { ...asked, addresses: [] })).size, 0)
  await assert.rejects(findOptOuts(system.db, { ...asked, addresses: [...addresses, PHONE] }))
})

test('a member records what a person said, once, with an entry in the audit trail', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  const bob = world.as('bob')
  const key = {
    workspaceId: world.workspaceId,
    contactId: carol,
    transport: 'sms' as const,
    address: '+1 415 523 8886',
  }
  const out = await setConsent(bob, { ...key, isOptedOut: true, evidence: ' On the phone ' })
  assert.deepEqual(
    [out.source, out.evidence, out.address, out.actorUserId],
    ['member', 'On the phone', PHONE, world.ids.bob],
  )
  assert.deepEqual(await setConsent(bob, { ...key, isOptedOut: true }), out)
  await assert.rejects(setConsent(bob, { ...key, isOptedOut: false }), { code: 'invalid_request' })
  await setConsent(bob, { ...key, isOptedOut: false, evidence: 'Signed again in the shop' })
  const trail = await world.system.db.selectFrom('auditEntries').selectAll().orderBy('id').execute()
  assert.deepEqual(
    trail.map(({ action, actorId, targetId, before, after }) => [action, actorId, targetId, before, after]),
    [
      [
        ...['consent.set', world.ids.bob, carol],
        { transport: 'sms', address: PHONE, isOptedOut: null },
        { transport: 'sms', address: PHONE, isOptedOut: true, evidence: 'On the phone' },
      ],
      [
        ...['consent.set', world.ids.bob, carol],
        { transport: 'sms', address: PHONE, isOptedOut: true },
        { transport: 'sms', address: PHONE, isOptedOut: false, evidence: 'Signed again in the shop' },
      ],
    ],
  )
  assert.deepEqual(await announced(world), [true, false])
})

test('two members who record the same at once record it once', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  const key = { workspaceId: world.workspaceId, contactId: carol, transport: 'sms' as const, address: PHONE }
  const names = ['ada', 'bob', 'cy'] as const
  const set = await Promise.all(names.map((name) => setConsent(world.as(name), { ...key, isOptedOut: true })))
  assert.equal(new Set(set.map(({ id }) => id)).size, 1)
  assert.deepEqual(await announced(world), [true])
})

test('consent is recorded for addresses of the contact only', async (t) => {
  const world = await contactWorld(t)
  const carol = await reachable(world)
  const dan = await world.makeContact('dan')
  const set = (contactId: string, transport: Transport, address: string) =>
    setConsent(world.as('bob'), { workspaceId: world.workspaceId, contactId, transport, address, isOptedOut: true })
  await set(carol, 'whatsapp', `whatsapp:${PHONE}`)
  await set(carol, 'email', 'Carol@Example.com')
  await assert.rejects(set(dan, 'sms', PHONE), { code: 'address_not_found' })
  await assert.rejects(set(dan, 'email', 'carol@example.com'), { code: 'address_not_found' })
  await assert.rejects(set(carol, 'email', PHONE), { code: 'invalid_request' })
  await assert.rejects(set(carol, 'sms', 'carol@example.com'), { code: 'invalid_request' })
})

test('guests and strangers neither see nor set consents', async (t) => {
  const world = await contactWorld(t)
  const contactId = await reachable(world)
  const refused = async (name: Name, workspaceId: string, code: string) => {
    const set = { workspaceId, contactId, transport: 'sms', address: PHONE, isOptedOut: true } as const
    await assert.rejects(listConsents(world.as(name), { workspaceId, contactId }), { code })
    await assert.rejects(setConsent(world.as(name), set), { code })
  }
  const elsewhere = world.ids.otherWorkspace
  await refused('gus', world.workspaceId, 'permission_denied')
  await refused('eve', world.workspaceId, 'workspace_not_found')
  await refused('mallory', elsewhere, 'contact_not_found')
  const foreign = { workspaceId: elsewhere, contactId, transport: 'sms', address: PHONE } as const
  const recorded = recordConsent(world.system, { ...foreign, isOptedOut: true, source: 'carrier', evidence: null })
  await assert.rejects(recorded, { code: 'contact_not_found' })
  assert.deepEqual(await announced(world), [])
})

test('the consents of a contact are paged, newest first, and none is lost or repeated', async (t) => {
  const world = await contactWorld(t)
  const contactId = await reachable(world)
  const dan = await world.makeContact('dan')
  const key = { workspaceId: world.workspaceId, transport: 'sms', address: PHONE } as const
  const record = (contactId: string, evidence: string) =>
    recordConsent(world.system, { ...key, contactId, isOptedOut: true, source: 'carrier', evidence })
  for (const evidence of ['1', '2', '3', '4', '5']) await record(contactId, evidence)
  await record(dan, 'of another')
  const list = (cursor: string | null) =>
    listConsents(world.as('bob'), { workspaceId: world.workspaceId, contactId, limit: 2, cursor })
  const pages = [await list(null)]
  await record(contactId, '6')
  pages.push(await list(pages[0]!.nextCursor))
  pages.push(await list(pages[1]!.nextCursor))
  assert.deepEqual(
    pages.map(({ rows }) => rows.map(({ evidence }) => evidence)),
    [['5', '4'], ['3', '2'], ['1']],
  )
  assert.equal(pages[2]!.nextCursor, null)
  await assert.rejects(list('nonsense'), { code: 'invalid_cursor' })
})

/** Carol, with an email and a phone number. */
async function reachable(world: ContactWorld): Promise<string> {
  const contactId = await world.makeContact('carol')
  await addAddress(world.as('bob'), { workspaceId: world.workspaceId, contactId, kind: 'phone', address: PHONE })
  return contactId
}

function say(
  { system, workspaceId }: ContactWorld,
  contactId: string,
  ...[body, receivedAt, messageId = randomUUIDv7()]: [body: string, receivedAt: string, messageId?: string]
) {
  const from = { workspaceId, contactId, transport: 'sms', address: PHONE } as const
  return applyKeyword(system, { ...from, body, receivedAt, messageId })
}

/** Whether each consent that was announced opts out. */
async function announced(world: ContactWorld): Promise<boolean[]> {
  return (await world.events()).flatMap(({ data }) => ('consent' in data ? [data.consent.isOptedOut] : []))
}
