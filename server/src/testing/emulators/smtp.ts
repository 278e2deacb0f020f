// A mail server on loopback that takes what it is given and does as it is told. Ownership: whoever starts it closes it. It
// keeps the newest messages only.

import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'

/** Where in a session something goes wrong. */
export type SmtpStage = 'connect' | 'auth' | 'mail' | 'rcpt' | 'data' | 'end'

export type SmtpFault =
  /** Answered with this code; at `data` after the final dot. Only this recipient, if one is named. */
  | { kind: 'refuse'; at: SmtpStage; code: number; text?: string; recipient?: string }
  /** The connection is cut instead of the answer: at `data` in the middle of the message, at `end` after it was accepted. */
  | { kind: 'cut'; at: SmtpStage }
  /** No answer until `release`: at `data` to the final dot, before the message is accepted, at `end` after it was. */
  | { kind: 'hang'; at: SmtpStage }

export type SmtpMessage = {
  from: string
  to: string[]
  raw: string
  bytes: number
  session: string
  isEncrypted: boolean
}

export type SmtpEmulatorOptions = {
  port?: number
  /** Whom it lets in; everybody where nobody is named. */
  credentials?: { user: string; pass: string }
  /** TLS from the start, by STARTTLS, or none. Without a certificate it is one for tests that nobody vouches for. */
  tls?: 'none' | 'starttls' | 'implicit'
  /** As PEM. */
  certificate?: { key: string; cert: string }
  /** Announced as SIZE. */
  bytesMax?: number
}

export type SmtpEmulator = {
  /** `smtp://` or `smtps://`, without credentials. */
  url: string
  port: number
  /** The newest 1,000 that were accepted, oldest first. */
  messages(): readonly SmtpMessage[]
  /** So many sessions were begun. */
  sessionCount(): number
  openCount(): number
  /** So many hang. */
  heldCount(): number
  fail(fault: SmtpFault, times?: number): void
  /** Whoever hangs is answered. */
  release(): void
  /** Ends all connections, as a server does with idle ones. */
  dropConnections(): void
  close(): Promise<void>
}

const MESSAGES_MAX = 1_000
const KEPT_BYTES_MAX = 128 * 1024 * 1024
const FAULTS_MAX = 10_000
const BYTES_MAX = 50 * 1024 * 1024

export async function startSmtpEmulator(options: SmtpEmulatorOptions = {}): Promise<SmtpEmulator> {
  const { tls = 'none', credentials } = options
  const messages: SmtpMessage[] = []
  const faults: SmtpFault[] = []
  const held = new Set<() => void>()
  const sockets = new Map<number, Socket>()
  let sessions = 0
  let keptBytes = 0

  /** Does what was planned for this stage, or nothing. */
  const meet = async (at: SmtpStage, session: SMTPServerSession, recipient?: string): Promise<void> => {
    const index = faults.findIndex((fault) => {
      return fault.at === at && (fault.kind !== 'refuse' || !fault.recipient || fault.recipient === recipient)
    })
    if (index < 0) return
    const [fault] = faults.splice(index, 1)
    if (fault!.kind === 'refuse') {
      throw Object.assign(new Error(fault!.text ?? 'Refused by the test'), { responseCode: fault!.code })
    }
    if (fault!.kind === 'cut') sockets.get(session.remotePort)?.destroy()
    await new Promise<void>((resolve) => held.add(resolve))
  }
  const settle = (meeting: Promise<void>, callback: (error?: Error | null) => void) => {
    meeting.then(() => callback(), callback)
  }

  const server = new SMTPServer({
    secure: tls === 'implicit',
    disabledCommands: [...(tls === 'starttls' ? [] : ['STARTTLS']), ...(credentials ? [] : ['AUTH'])],
    authOptional: credentials === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    size: options.bytesMax ?? BYTES_MAX,
    closeTimeout: 1,
    logger: false,
    ...options.certificate,
    onConnect(session, callback) {
      sessions += 1
      settle(meet('connect', session), callback)
    },
    onAuth(auth, session, callback) {
      const isRight = auth.username === credentials?.user && auth.password === credentials?.pass
      const refusal = Object.assign(new Error('Invalid username or password'), { responseCode: 535 })
      meet('auth', session).then(
        () => (isRight ? callback(null, { user: auth.username }) : callback(refusal)),
        (error: Error) => callback(error),
      )
    },
    onMailFrom: (_address, session, callback) => settle(meet('mail', session), callback),
    onRcptTo: ({ address }, session, callback) => settle(meet('rcpt', session, address), callback),
    onData(stream, session, callback) {
      const take = async () => {
        const isCut = faults.some(({ kind, at }) => kind === 'cut' && at === 'data')
        if (isCut) await meet('data', session)
        const raw = await buffer(stream)
        await meet('data', session)
        const { mailFrom, rcptTo } = session.envelope
        messages.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw: raw.toString('utf8'),
          bytes: raw.length,
          session: session.id,
          isEncrypted: session.secure,
        })
        keptBytes += raw.length
        while (messages.length > MESSAGES_MAX || keptBytes > KEPT_BYTES_MAX) keptBytes -= messages.shift()!.bytes
        await meet('end', session)
      }
      settle(take(), callback)
    },
  })
  // A client that goes away in the middle is what is being tested.
  server.on('error', () => {})
  server.server.on(tls === 'implicit' ? 'secureConnection' : 'connection', (socket: Socket) => {
    const port = socket.remotePort!
    sockets.set(port, socket)
    socket.once('close', () => sockets.delete(port))
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', () => resolve()))
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  const release = () => {
    for (const resolve of held) resolve()
    held.clear()
  }
  const dropConnections = () => {
    for (const socket of sockets.values()) socket.destroy()
  }
  return {
    url: `${tls === 'implicit' ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    port,
    messages: () => messages,
    sessionCount: () => sessions,
    openCount: () => sockets.size,
    heldCount: () => held.size,
    fail(fault, times = 1) {
      for (let time = 0; time < times && faults.length < FAULTS_MAX; time++) faults.push(fault)
    },
    release,
    dropConnections,
    async close() {
      dropConnections()
      release()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
