// The emulator as a process. Says in one line of JSON where it is, and ends on SIGTERM or SIGINT.

import { parseArgs } from 'node:util'
import { startSendgridEmulator } from './sendgrid.ts'
import { openControl } from './sendgrid-control.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    'api-key': { type: 'string' },
    'event-url': { type: 'string' },
    'inbound-url': { type: 'string' },
  },
})

const emulator = await startSendgridEmulator({
  port: Number(values.port),
  apiKey: values['api-key'],
  eventUrl: values['event-url'],
  inboundUrl: values['inbound-url'],
})
const control = await openControl(emulator, Number(values['control-port']))
const { url, apiKey, publicKey } = emulator
console.log(JSON.stringify({ url, control: control.url, apiKey, publicKey }))

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)

async function stop(): Promise<void> {
  control.close()
  await emulator.close()
}
