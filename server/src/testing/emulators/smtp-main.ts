// The emulator as a process. Says in one line of JSON where it is, and ends on SIGTERM or SIGINT.

import { parseArgs } from 'node:util'
import { startSmtpEmulator } from './smtp.ts'
import { openControl } from './smtp-control.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    user: { type: 'string' },
    password: { type: 'string', default: '' },
  },
})

const credentials = values.user === undefined ? undefined : { user: values.user, pass: values.password }
const emulator = await startSmtpEmulator({ port: Number(values.port), credentials })
const control = await openControl(emulator, Number(values['control-port']))
console.log(JSON.stringify({ url: emulator.url, control: control.url }))

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)

async function stop(): Promise<void> {
  control.close()
  await emulator.close()
}
