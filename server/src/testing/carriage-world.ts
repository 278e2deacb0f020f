import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { buildApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import type { SystemActor } from '../core/actor.ts'
import { SYSTEM } from '../core/actor.ts'
import { openContactConversation } from '../core/contact-conversations/open-contact-conversation.ts'
import type { Context } from '../core/context.ts'
import { createContext } from '../core/context.ts'
import { findDeliveriesOf, listSteps } from '../core/deliveries/queries.ts'
import type { Delivery, DeliveryStatus } from '../core/deliveries/schema.ts'
import { meetContact } from '../core/inbound/meet-contact.ts'
import { MESSAGE_COLUMNS } from '../core/messages/queries.ts'
import type { Message } from '../core/messages/schema.ts'
import { openCarriage } from '../integrations/open-carriage.ts'
import { until } from './client-world.ts'
import { type SendgridEmulator, startSendgridEmulator } from './emulators/sendgrid.ts'
import { startTwilioEmulator, type TwilioEmulator } from './emulators/twilio.ts'
import { type TestWorld, testWorld } from './world.ts'

export const SMS_FROM = '+15005550006'
export const WHATSAPP_FROM = '+14155238886'

export const EMAIL_FROM = 'support@acme.example'
export const INBOUND_TOKEN = 'a-token-that-nobody-guesses'

export type CarriageWorld = TestWorld & {
  system: Context<SystemActor>
  twilio: TwilioEmulator
  sendgrid: SendgridEmulator
  /** Where the server answers. */
  url: string
  /** The conversation with who has this number, or this email. */
  meet(phone: string, name: string): Promise<{ workspaceId: string; conversationId: string; contactId: string }>
  /** All messages of a conversation, in order. */
  messagesOf(conversationId: string): Promise<Message[]>
  find(delivery: Delivery): Promise<Delivery>
  stepsOf(delivery: Delivery): ReturnType<typeof listSteps>
  untilStatus(delivery: Delivery, status: DeliveryStatus): Promise<Delivery>
  /** Waits until nothing that carriers sent is left to apply; gives how each ended, by kind. */
  untilApplied(): Promise<Record<string, string[]>>
}

/** The whole server, and Twilio beside it. */
export async function carriageWorld(t: TestContext): Promise<CarriageWorld> {
  const sendgrid = await startSendgridEmulator()
  const twilio = await startTwilioEmulator({ ownNumbers: [SMS_FROM, `whatsapp:${WHATSAPP_FROM}`] })
  let stop = async () => {}
  // Before the world's own end, which takes their database away.
  t.after(async () => {
    await Promise.all([twilio.close(), sendgrid.close()])
    await stop()
  })
  const world = await testWorld(t)
  const { core } = world.runtime
  const config = loadConfig(
    {
      PARLANCE_TWILIO_BASE_URL: twilio.url,
      PARLANCE_TWILIO_ACCOUNT_SID: twilio.accountSid,
      PARLANCE_TWILIO_AUTH_TOKEN: twilio.authToken,
      PARLANCE_TWILIO_SMS_FROM: SMS_FROM,
      PARLANCE_TWILIO_WHATSAPP_FROM: WHATSAPP_FROM,
      PARLANCE_SENDGRID_BASE_URL: sendgrid.url,
      PARLANCE_SENDGRID_API_KEY: sendgrid.apiKey,
      PARLANCE_SENDGRID_FROM: EMAIL_FROM,
      PARLANCE_SENDGRID_WEBHOOK_PUBLIC_KEY: sendgrid.publicKey,
      PARLANCE_SENDGRID_INBOUND_TOKEN: INBOUND_TOKEN,
      PARLANCE_INBOX_WORKSPACE: 'acme',
    },
    'start',
  )
  let url = ''
  const carriage = openCarriage({ config, runtime: world.runtime, publicUrl: () => url })
  const secret = 'only for tests, and long enough for them'
  const { app, gateway } = await buildApp(config, world.runtime, { secret, doors: carriage.doors })
  await app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  twilio.setWebhooks({
    smsUrl: `${url}/api/v1/webhooks/twilio/sms`,
    whatsappUrl: `${url}/api/v1/webhooks/twilio/whatsapp`,
  })
  const email = `${url}/api/v1/webhooks/twilio/email`
  sendgrid.setWebhooks({ eventUrl: `${email}/status`, inboundUrl: `${email}/${INBOUND_TOKEN}` })
  await carriage.start()
  stop = async () => {
    gateway.close()
    await app.close()
    await carriage.close()
  }
  const system = createContext(core, SYSTEM)
  const find = async ({ messageId }: Delivery) => (await findDeliveriesOf(system.db, [messageId])).get(messageId)!
  return {
    ...world,
    system,
    twilio,
    sendgrid,
    url,
    async meet(phone, name) {
      const { workspace: workspaceId } = world.ids
      const kind = phone.includes('@') ? ('email' as const) : ('phone' as const)
      const contact = await meetContact(system, { workspaceId, kind, value: phone, name })
      const { conversation } = await openContactConversation(system, { workspaceId, contactId: contact.id })
      return { workspaceId, conversationId: conversation.id, contactId: contact.id }
    },
    async messagesOf(conversationId) {
      const text = `select ${MESSAGE_COLUMNS} from messages where conversation_id = $1 order by ordinal`
      return (await core.database.pool.query<Message>(text, [conversationId])).rows
    },
    find,
    stepsOf: ({ id }) => listSteps(system.db, id),
    untilStatus: (delivery, status) =>
      until(`the delivery is ${status}`, async () => {
        const found = await find(delivery)
        return found.status === status && found
      }),
    untilApplied: () =>
      until('all that came is applied', async () => {
        const rows = await system.db.selectFrom('inboundWebhooks').select(['kind', 'status']).orderBy('id').execute()
        if (rows.some(({ status }) => status === 'pending')) return false
        const byKind: Record<string, string[]> = {}
        for (const { kind, status } of rows) byKind[kind] = [...(byKind[kind] ?? []), status]
        return byKind
      }),
  }
}
