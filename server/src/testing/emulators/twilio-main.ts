// The emulator as a process. Says in one line of JSON where it is, and ends on SIGTERM or SIGINT.

import { parseArgs } from 'node:util'
import { startTwilioEmulator } from './twilio.ts'
import { openControl } from './twilio-control.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    'account-sid': { type: 'string' },
    'auth-token': { type: 'string' },
    'sms-url': { type: 'string' },
    'whatsapp-url': { type: 'string' },
  },
})

const emulator = await startTwilioEmulator({
  port: Number(values.port),
  accountSid: values['account-sid'],
  authToken: values['auth-token'],
  smsUrl: values['sms-url'],
  whatsappUrl: values['whatsapp-url'],
})
const control = await openControl(emulator, Number(values['control-port']))
const { url, accountSid, authToken } = emulator
console.log(JSON.stringify({ url, control: control.url, accountSid, authToken }))

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)

async function stop(): Promise<void> {
  await Promise.all([emulator.close(), control.goDown()])
}
