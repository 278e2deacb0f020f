import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import type { CarriedFile, EmailParts, Outgoing } from '../../core/deliveries/carrier.ts'

/** An email from the team to ada. */
export function anEmail({
  email,
  ...message
}: Partial<Omit<Outgoing, 'email'>> & { email?: Partial<EmailParts> } = {}): Outgoing {
  return {
    deliveryId: '0190f5fe-0000-7000-8000-000000000001',
    transport: 'email',
    from: 'team@example.com',
    to: 'ada@example.org',
    body: 'Hello ✓\n.\nBye',
    files: [],
    statusUrl: null,
    ...message,
    email: {
      subject: 'Your order — ✓',
      fromName: 'The team',
      html: '<p>Hello <b>✓</b></p>',
      cc: [],
      bcc: [],
      messageId: '0190f5fe-0000-7000-8000-000000000001@mail.example.com',
      inReplyTo: null,
      references: [],
      ...email,
    },
  }
}

export function aFile(name: string, content: string | Buffer, contentType = 'text/plain'): CarriedFile {
  const bytes = Buffer.from(content)
  const open = async () => Readable.from([bytes])
  return { name, contentType, sizeBytes: bytes.length, url: 'https://files.example.com/1', open }
}

export function unbroken(): AbortSignal {
  return new AbortController().signal
}

/** An emulator as a process: where it says that it is, how it is told what to do, and its end. */
export async function startEmulatorProcess(t: TestContext, main: URL, options: string[] = []) {
  const child = fork(main, options, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  t.after(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout!), 'line')
  const where = JSON.parse(String(line)) as Record<string, string>
  return {
    where,
    async order(key: string, body?: object): Promise<unknown> {
      const [method, path] = key.split(' ')
      const reply = await fetch(`${where.control}${path}`, { method, body: body && JSON.stringify(body) })
      if (reply.status !== 200) throw new Error(await reply.text())
      return reply.json()
    },
    /** Asks it to end, and gives its exit code. */
    async end(): Promise<number | null> {
      child.kill('SIGTERM')
      return (await exited)[0]
    },
  }
}
