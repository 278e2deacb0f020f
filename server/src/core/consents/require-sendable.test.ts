import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ContactWorld, contactWorld } from '../../testing/contact-world.ts'
import { updateContactDetails } from '../contacts/update-contact-details.ts'
import { recordConsent } from './record-consent.ts'
import { requireSendable, type Sending } from './require-sendable.ts'

const PHONE = '+14155238886'
const NOW = '2026-03-02T12:00:00.000Z'
const RECENT = '2026-03-01T12:00:00.001Z'
const DAY_AGO = '2026-03-01T12:00:00.000Z'

test('WhatsApp takes free text within 24 hours of what the person wrote last, and templates always', async (t) => {
  const world = await contactWorld(t)
  const { send } = await sender(world)
  world.setNow(NOW)
  const free = { transport: 'whatsapp', kind: 'text' } as const
  await send({ ...free, lastInboundAt: RECENT })
  await send({ ...free, lastInboundAt: '2026-03-02T12:00:05.000Z' })
  for (const lastInboundAt of [DAY_AGO, '2025-01-01T00:00:00.000Z', null]) {
    await assert.rejects(send({ ...free, lastInboundAt }), { code: 'whatsapp_window_closed' })
    await send({ transport: 'whatsapp', kind: 'template', lastInboundAt })
  }
})

test('SMS and email know no window', async (t) => {
  const world = await contactWorld(t)
  const { send } = await sender(world)
  await send({ transport: 'sms' })
  await send({ transport: 'email', address: 'carol@example.com' })
})

test('nothing is sent to who opted out there, not even a template, until they are back', async (t) => {
  const world = await contactWorld(t)
  const { send, consent } = await sender(world)
  await consent('whatsapp', true)
  world.setNow(NOW)
  for (const kind of ['text', 'template'] as const) {
    await assert.rejects(send({ transport: 'whatsapp', kind, lastInboundAt: RECENT }), { code: 'opted_out' })
  }
  await send({ transport: 'sms' })
  await send({ transport: 'whatsapp', address: '+14155238887', lastInboundAt: RECENT })
  await consent('whatsapp', false)
  await send({ transport: 'whatsapp', lastInboundAt: RECENT })
})

test('nothing at all is sent to a contact that is not to be disturbed', async (t) => {
  const world = await contactWorld(t)
  const { send, consent, contactId } = await sender(world)
  await updateContactDetails(world.as('bob'), { workspaceId: world.workspaceId, contactId, isDnd: true })
  await consent('sms', true)
  await assert.rejects(send({ transport: 'sms' }), { code: 'contact_dnd' })
  await assert.rejects(send({ transport: 'email', address: 'carol@example.com' }), { code: 'contact_dnd' })
  await assert.rejects(send({ transport: 'whatsapp', kind: 'template' }), { code: 'contact_dnd' })
})

test('a contact that is gone, or of another workspace, is sent nothing', async (t) => {
  const world = await contactWorld(t, { eventTruth: false })
  const { send } = await sender(world)
  const workspaceId = world.ids.otherWorkspace
  await assert.rejects(send({ transport: 'sms', workspaceId }), { code: 'contact_not_found' })
  await world.system.db.updateTable('contacts').set({ deletedAt: NOW }).execute()
  await assert.rejects(send({ transport: 'sms' }), { code: 'contact_not_found' })
})

type Attempt = Pick<Sending, 'transport'> & Partial<Sending> & { workspaceId?: string }

async function sender(world: ContactWorld) {
  const id = await world.makeContact('carol')
  const { system, workspaceId } = world
  return {
    contactId: id,
    send: ({ workspaceId = world.workspaceId, ...attempt }: Attempt) =>
      requireSendable(system, {
        ...{ contact: { id, workspaceId }, address: PHONE, kind: 'text', lastInboundAt: null },
        ...attempt,
      }),
    consent: (transport: Sending['transport'], isOptedOut: boolean) =>
      recordConsent(system, {
        ...{ workspaceId, contactId: id, transport, address: PHONE },
        ...{ isOptedOut, source: 'carrier', evidence: null },
      }),
  }
}
