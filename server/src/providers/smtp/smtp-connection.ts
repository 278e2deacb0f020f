import { Readable } from 'node:stream'
import NodemailerConnection from 'nodemailer/lib/smtp-connection'
import { firstRejection } from './smtp-failure.ts'
import type { SmtpServer } from './smtp-url.ts'

export type SmtpTimeouts = {
  /** For the name, the connection, TLS and the greeting, in milliseconds. */
  connectMs: number
  /** Of silence, in milliseconds. RFC 5321 has a server think for ten minutes; longer than ours the outcome is unknown. */
  silenceMs: number
}

export type SmtpConnectionOptions = {
  server: SmtpServer
  timeouts: SmtpTimeouts
  /** How we name ourselves. */
  name: string
  /** Certificates to trust beside the usual ones, as PEM. */
  ca?: string
}

export type Letter = {
  from: string
  /** Each once. */
  to: string[]
  bytes: Buffer
}

export type LetterOutcome =
  /** `rejection` where the server did not take the first recipient, but others. */
  { response: string; rejection?: unknown } | { error: unknown; mayHaveEnded: boolean }

export type SmtpConnection = {
  open(signal: AbortSignal): Promise<void>
  send(letter: Letter, signal: AbortSignal): Promise<LetterOutcome>
  isOpen(): boolean
  close(): void
}

const CHUNK_BYTES = 65_536
const RESPONSE_BYTES_MAX = 16_384

/**
 * One connection to a mail server. nodemailer's own pool is not used: it queues a message again when the connection ends
 * while the server decides, and so may send it twice.
 */
export function createSmtpConnection({ server, timeouts, name, ca }: SmtpConnectionOptions): SmtpConnection {
  const connection = new NodemailerConnection({
    host: server.host,
    port: server.port,
    secure: server.isSecure,
    requireTLS: server.starttls === 'required',
    ignoreTLS: server.starttls === 'never',
    name,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    socketTimeout: timeouts.silenceMs,
    socketCloseTimeout: 0,
    maxResponseSize: RESPONSE_BYTES_MAX,
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
  })
  let isOpen = false
  let failWith: ((error: unknown) => void) | undefined
  connection.on('error', (error) => failWith?.(error))
  connection.on('end', () => {
    isOpen = false
    failWith?.(Object.assign(new Error('closed'), { code: 'ECONNECTION' }))
  })

  /** Whatever ends first: the work, the connection, or the patience. */
  const attempt = <T>(
    signal: AbortSignal,
    work: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ) => {
    let abort = () => {}
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      abort = () => reject(signal.reason)
      signal.addEventListener('abort', abort)
      failWith = reject
      work(resolve, reject)
    }).finally(() => {
      failWith = undefined
      signal.removeEventListener('abort', abort)
    })
  }

  return {
    async open(signal) {
      await attempt<void>(signal, (resolve, reject) =>
        connection.connect((error?: unknown) => (error ? reject(error) : resolve())),
      )
      const { credentials } = server
      if (credentials !== null) {
        await attempt<void>(signal, (resolve, reject) =>
          connection.login({ user: credentials.user, credentials }, (error?: unknown) =>
            error ? reject(error) : resolve(),
          ),
        )
      }
      isOpen = true
    },
    async send({ from, to, bytes }, signal) {
      let mayHaveEnded = false
      const source = Readable.from(chunksOf(bytes), { objectMode: false })
      // nodemailer writes the final dot once its source has ended, never before.
      source.on('end', () => {
        mayHaveEnded = true
      })
      const envelope = { from, to, size: bytes.length }
      try {
        const info = await attempt<{ response?: string; rejectedErrors?: unknown[] }>(signal, (resolve, reject) =>
          connection.send(envelope, source, (error, sent) => (error ? reject(error) : resolve(sent))),
        )
        return { response: info.response ?? '', rejection: firstRejection(info.rejectedErrors, to[0]!) }
      } catch (error) {
        isOpen = false
        // What is not destroyed might still run to its end, and then the dot goes out after we have said that it did not.
        source.destroy()
        connection.close()
        return { error, mayHaveEnded }
      }
    },
    isOpen: () => isOpen,
    close() {
      isOpen = false
      connection.close()
    },
  }
}

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
}
