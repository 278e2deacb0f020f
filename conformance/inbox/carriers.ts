import { after } from 'node:test'
import { type SendgridEmulator, startSendgridEmulator } from '../../server/src/testing/emulators/sendgrid.ts'
import { startTwilioEmulator, type TwilioEmulator } from '../../server/src/testing/emulators/twilio.ts'
import type { ServerProcess } from '../harness/server-process.ts'
import { startTestServer } from '../harness/test-server.ts'
import { type Caller, data, makeTeam } from './team.ts'

export const SMS_FROM = '+15005550006'
export const WHATSAPP_FROM = '+14155238886'
export const EMAIL_FROM = 'support@acme.example'
const TOKEN = 'a-token-that-nobody-guesses'

export type Carriers = { server: ServerProcess; twilio: TwilioEmulator; sendgrid: SendgridEmulator }

/** The real program beside Twilio and SendGrid. The first workspace that is made has the numbers and the mailbox. */
export async function startWithCarriers(): Promise<Carriers> {
  const twilio = await startTwilioEmulator({ ownNumbers: [SMS_FROM, `whatsapp:${WHATSAPP_FROM}`] })
  const sendgrid = await startSendgridEmulator()
  const server = await startTestServer({
    PARLANCE_SEED: 'false',
    PARLANCE_TWILIO_BASE_URL: twilio.url,
    PARLANCE_TWILIO_ACCOUNT_SID: twilio.accountSid,
    PARLANCE_TWILIO_AUTH_TOKEN: twilio.authToken,
    PARLANCE_TWILIO_SMS_FROM: SMS_FROM,
    PARLANCE_TWILIO_WHATSAPP_FROM: WHATSAPP_FROM,
    PARLANCE_SENDGRID_BASE_URL: sendgrid.url,
    PARLANCE_SENDGRID_API_KEY: sendgrid.apiKey,
    PARLANCE_SENDGRID_FROM: EMAIL_FROM,
    PARLANCE_SENDGRID_WEBHOOK_PUBLIC_KEY: sendgrid.publicKey,
    PARLANCE_SENDGRID_INBOUND_TOKEN: TOKEN,
  })
  const hooks = `${server.url}/api/v1/webhooks/twilio`
  twilio.setWebhooks({ smsUrl: `${hooks}/sms`, whatsappUrl: `${hooks}/whatsapp` })
  sendgrid.setWebhooks({ eventUrl: `${hooks}/email/status`, inboundUrl: `${hooks}/email/${TOKEN}` })
  after(() => Promise.all([twilio.close(), sendgrid.close()]))
  return { server, twilio, sendgrid }
}

/** The team that has the numbers, which is the first one. */
export function makeFirstTeam({ server }: Carriers) {
  return makeTeam(server.url)
}

let people = 0

/** Somebody outside whom the team can write to. */
export async function begin(caller: Caller, channel: 'SMS' | 'WhatsApp' | 'Email' = 'SMS') {
  const n = ++people
  const phone = `+1415555${String(2_000 + n)}`
  const email = `person-${n}@example.org`
  const contact = { fullName: `Person ${n}`, phone, email }
  const { id } = await data(201, caller.post('/conversations', { channel, contact }))
  return { id: id as string, path: `/conversations/${id}`, phone, email, name: contact.fullName }
}
