/** Called with each whole message; the bytes from `start` to `end` are only valid during the call. */
export type OnFrame = (opcode: number, bytes: Buffer, start: number, end: number) => void

const HEADER_BYTES_MAX = 10

/** Cuts a server's unmasked WebSocket frames out of what arrives. Copies only a frame that is split between two reads. */
export class FrameReader {
  #split = Buffer.allocUnsafe(4_096)
  #splitBytes = 0

  push(chunk: Buffer, onFrame: OnFrame): void {
    let at = this.#splitBytes === 0 ? 0 : this.#complete(chunk, onFrame)
    if (at === -1) return
    for (;;) {
      const frameBytes = measureFrame(chunk, at, chunk.length)
      if (frameBytes === 0 || at + frameBytes > chunk.length) break
      onFrame(chunk[at]! & 0x0f, chunk, at + headerBytes(chunk[at + 1]!), at + frameBytes)
      at += frameBytes
    }
    this.#keep(chunk, at, chunk.length)
  }

  /** Fills up the split frame; gives back where the chunk goes on, or -1 where it ends too early again. */
  #complete(chunk: Buffer, onFrame: OnFrame): number {
    let at = 0
    let frameBytes = measureFrame(this.#split, 0, this.#splitBytes)
    if (frameBytes === 0) {
      at = Math.min(HEADER_BYTES_MAX - this.#splitBytes, chunk.length)
      const hadBytes = this.#splitBytes
      this.#keep(chunk, 0, at)
      frameBytes = measureFrame(this.#split, 0, this.#splitBytes)
      if (frameBytes === 0) return -1
      // A short frame may end within the bytes taken for its header.
      if (frameBytes < this.#splitBytes) {
        at = frameBytes - hadBytes
        this.#splitBytes = frameBytes
      }
    }
    const taken = Math.min(frameBytes - this.#splitBytes, chunk.length - at)
    this.#keep(chunk, at, at + taken)
    if (this.#splitBytes < frameBytes) return -1
    this.#splitBytes = 0
    onFrame(this.#split[0]! & 0x0f, this.#split, headerBytes(this.#split[1]!), frameBytes)
    return at + taken
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const wantedBytes = this.#splitBytes + end - start
    if (wantedBytes > this.#split.length) {
      const larger = Buffer.allocUnsafe(wantedBytes * 2)
      this.#split.copy(larger, 0, 0, this.#splitBytes)
      this.#split = larger
    }
    chunk.copy(this.#split, this.#splitBytes, start, end)
    this.#splitBytes = wantedBytes
  }
}

function headerBytes(second: number): number {
  const length = second & 0x7f
  return length < 126 ? 2 : length === 126 ? 4 : 10
}

/** The bytes of the frame that begins at `at`, header included; 0 while the header is not all there. */
function measureFrame(bytes: Buffer, at: number, end: number): number {
  if (end - at < 2) return 0
  const second = bytes[at + 1]!
  const header = headerBytes(second)
  if (end - at < header) return 0
  if (header === 2) return 2 + (second & 0x7f)
  return header === 4 ? 4 + bytes.readUInt16BE(at + 2) : 10 + Number(bytes.readBigUInt64BE(at + 2))
}
