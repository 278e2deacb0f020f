// A WebSocket that only listens, on a bare TCP socket: what a thousand of them cost is the client's, and on a small
// machine the client shares the cores with what it measures.

import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { FrameReader, type OnFrame } from './frame-reader.ts'

const OPCODE_TEXT = 1
const OPCODE_CLOSE = 8
const OPCODE_PING = 9
const HANDSHAKE_TIMEOUT_MS = 10_000
const HEAD_END = Buffer.from('\r\n\r\n')

// One for all sockets: each read is consumed before the next one begins.
const readBuffer = Buffer.allocUnsafe(256 * 1024)

export type SubscriberOptions = {
  port: number
  path: string
  token: string
  onText(bytes: Buffer, start: number, end: number): void
}

export class Subscriber {
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  readonly #options: SubscriberOptions
  readonly #onFrame: OnFrame
  readonly #opened = Promise.withResolvers<void>()
  #head: Buffer | undefined = Buffer.alloc(0)
  #closeCode: number | undefined

  constructor(options: SubscriberOptions) {
    this.#options = options
    this.#onFrame = (opcode, bytes, start, end) => this.#receive(opcode, bytes, start, end)
    const callback = (bytes: number) => {
      this.#read(readBuffer.subarray(0, bytes))
      return true
    }
    this.#socket = connect({ port: options.port, host: '127.0.0.1', onread: { buffer: readBuffer, callback } })
    this.#socket.setNoDelay(true)
    this.#socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => this.#socket.destroy(new Error('no answer to the upgrade')))
    this.#socket.on('error', (error) => this.#opened.reject(error))
    this.#socket.on('close', () => this.#opened.reject(new Error('closed before it was open')))
    this.#socket.once('connect', () => this.#upgrade())
  }

  /** Resolves once the server has switched to the WebSocket protocol. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  /** The code the server closed with; undefined while it is open. */
  get closeCode(): number | undefined {
    return this.#closeCode ?? (this.#socket.destroyed ? 1006 : undefined)
  }

  close(): void {
    this.#socket.destroy()
  }

  #upgrade(): void {
    const { path, token } = this.#options
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
        `Authorization: Bearer ${token}\r\n\r\n`,
    )
  }

  #read(chunk: Buffer): void {
    if (this.#head === undefined) this.#reader.push(chunk, this.#onFrame)
    else this.#readUpgrade(Buffer.concat([this.#head, chunk]))
  }

  #readUpgrade(head: Buffer): void {
    const end = head.indexOf(HEAD_END)
    this.#head = end === -1 ? head : undefined
    if (end === -1) return
    const status = head.toString('latin1', 9, 12)
    if (status !== '101') {
      this.#socket.destroy(new Error(`the upgrade was answered with ${status}`))
      return
    }
    this.#socket.setTimeout(0)
    this.#opened.resolve()
    this.#reader.push(head.subarray(end + HEAD_END.length), this.#onFrame)
  }

  #receive(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === OPCODE_TEXT) this.#options.onText(bytes, start, end)
    else if (opcode === OPCODE_PING) this.#socket.write(encodePong(bytes.subarray(start, end)))
    else if (opcode === OPCODE_CLOSE) {
      this.#closeCode = end - start >= 2 ? bytes.readUInt16BE(start) : 1005
      this.#socket.destroy()
    }
  }
}

/** Clients must mask; with a mask of zeros the bytes stay as they are. */
function encodePong(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}
