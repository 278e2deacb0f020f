// Frames from the server are never masked (RFC 6455 §5.1), so one buffer can be written to any number of sockets.

const FIN_TEXT = 0x81
const LENGTH_16 = 126
const LENGTH_64 = 127

/** Whole text frames, one after the other, in one buffer. */
export function encodeTextFrames(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text))
  const frames = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerBytes(length) + length, 0))
  let offset = 0
  for (const [i, text] of texts.entries()) {
    offset = writeHeader(frames, offset, lengths[i]!)
    offset += frames.write(text, offset)
  }
  return frames
}

function headerBytes(length: number): number {
  if (length < LENGTH_16) return 2
  return length <= 0xffff ? 4 : 10
}

function writeHeader(frames: Buffer, offset: number, length: number): number {
  frames[offset] = FIN_TEXT
  if (length < LENGTH_16) {
    frames[offset + 1] = length
    return offset + 2
  }
  if (length <= 0xffff) {
    frames[offset + 1] = LENGTH_16
    return frames.writeUInt16BE(length, offset + 2)
  }
  frames[offset + 1] = LENGTH_64
  frames.writeUInt16BE(0, offset + 2)
  return frames.writeUIntBE(length, offset + 4, 6)
}
