// A keep-alive HTTP/1.1 connection that costs the client as little as possible, because on a small machine the client
// and the server share the cores. One request at a time; replies need a Content-Length.

import { connect, type Socket } from 'node:net'

/** Called with status 0 when the connection broke. The body is only valid during the call. */
export type OnReply = (status: number, body: Buffer) => void

const HEAD_END = Buffer.from('\r\n\r\n')
const CONTENT_LENGTH = Buffer.from('content-length: ')
const NO_BODY = Buffer.alloc(0)
const HEAD_BYTES_MAX = 8_192

// One for all connections: each read is consumed before the next one begins.
const readBuffer = Buffer.allocUnsafe(256 * 1024)

export class HttpConnection {
  readonly #socket: Socket
  #onReply: OnReply | undefined
  #partial: Buffer[] = []
  #partialBytes = 0
  #wantedBytes = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#settle(0, NO_BODY))
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      let connection: HttpConnection
      const callback = (bytes: number) => {
        connection.#read(readBuffer.subarray(0, bytes))
        return true
      }
      const socket = connect({ port, host: '127.0.0.1', onread: { buffer: readBuffer, callback } })
      socket.once('error', reject)
      socket.once('connect', () => resolve(connection))
      connection = new HttpConnection(socket)
    })
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  request(request: string, onReply: OnReply): void {
    this.#onReply = onReply
    if (this.isOpen) this.#socket.write(request, 'latin1')
    else this.#settle(0, NO_BODY)
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    if (this.#partialBytes === 0) {
      if (this.#tryReply(chunk)) return
    } else if (this.#partialBytes + chunk.length >= this.#wantedBytes) {
      if (this.#tryReply(Buffer.concat([...this.#partial, chunk]))) return
    }
    this.#partial.push(Buffer.from(chunk))
    this.#partialBytes += chunk.length
  }

  #tryReply(bytes: Buffer): boolean {
    const headEnd = bytes.indexOf(HEAD_END)
    if (headEnd === -1) {
      if (bytes.length > HEAD_BYTES_MAX) this.close()
      this.#wantedBytes = 0
      return false
    }
    const status = (bytes[9]! - 48) * 100 + (bytes[10]! - 48) * 10 + (bytes[11]! - 48)
    const bodyStart = headEnd + HEAD_END.length
    this.#wantedBytes = bodyStart + readContentLength(bytes, headEnd)
    if (bytes.length < this.#wantedBytes) return false
    this.#partial = []
    this.#partialBytes = 0
    this.#settle(status, bytes.subarray(bodyStart, this.#wantedBytes))
    return true
  }

  #settle(status: number, body: Buffer): void {
    const onReply = this.#onReply
    this.#onReply = undefined
    onReply?.(status, body)
  }
}

function readContentLength(bytes: Buffer, headEnd: number): number {
  const at = bytes.indexOf(CONTENT_LENGTH)
  if (at === -1 || at > headEnd) return 0
  let length = 0
  for (let i = at + CONTENT_LENGTH.length; bytes[i]! >= 48 && bytes[i]! <= 57; i++)
    length = length * 10 + bytes[i]! - 48
  return length
}

/** What says who asks: a person's token, or that of an API client beside its public key. */
export type Credentials = { token: string; publicKey?: string }

export type HttpRequest = Credentials & { method: string; path: string; body?: string }

/** A whole request, ready to be written. */
export function encodeRequest({ method, path, token, publicKey, body }: HttpRequest): string {
  const key = publicKey === undefined ? '' : `X-Public-Key: ${publicKey}\r\n`
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n${key}`
  if (body === undefined) return `${head}\r\n`
  return `${head}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
