import { once } from 'node:events'
import { createServer } from 'node:net'
import { errorCode, StartError } from './start-error.ts'

export interface Address {
  host: string
  port: number
}

/** Refuses an address that cannot be listened on, before anything is started or written. */
export async function requireFreePort(address: Address): Promise<void> {
  const probe = createServer()
  try {
    probe.listen({ ...address, exclusive: true })
    await once(probe, 'listening')
  } catch (error) {
    throw explainListenError(error, address)
  }
  probe.close()
  await once(probe, 'close')
}

export function explainListenError(error: unknown, { host, port }: Address): unknown {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new StartError(
        `Port ${port} on ${host} is in use by another program: stop that one, or set PARLANCE_PORT to another port.`,
        { cause: error },
      )
    case 'EACCES':
      return new StartError(
        `This user may not listen on port ${port}: set PARLANCE_PORT to one above 1023, and put a proxy in front.`,
        { cause: error },
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartError(
        `${host} is not an address of this machine: set PARLANCE_HOST to one, or to 0.0.0.0 for all.`,
        {
          cause: error,
        },
      )
    default:
      return error
  }
}
