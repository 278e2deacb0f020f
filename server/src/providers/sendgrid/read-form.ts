import { Busboy, type BusboyHeaders } from '@fastify/busboy'
import { invalidField } from '../../core/errors.ts'

export type FormPart = { name: string; fileName: string | null; contentType: string; bytes: Buffer }

/** SendGrid takes emails up to 30 MB in; encoded, with its own fields, they grow by a third at most. */
const BODY_BYTES_MAX = 42 * 1024 * 1024
const PARTS_MAX = 200
const PART_HEADERS_MAX = 20

/**
 * Reads a multipart form as bytes: its fields come in different charsets, of which another field tells. Throws
 * `invalid_request` where it is none, is broken off, or is larger than its bounds.
 */
export async function readForm(contentType: string, raw: Buffer): Promise<FormPart[]> {
  if (raw.length > BODY_BYTES_MAX) throw invalidField('body', 'must have at most 42 MB')
  return new Promise((resolve, reject) => {
    const refuse = (problem: string) => reject(invalidField('body', problem))
    const parts: FormPart[] = []
    let busboy: InstanceType<typeof Busboy>
    try {
      busboy = new Busboy({
        headers: { 'content-type': contentType } satisfies BusboyHeaders,
        // Every part is handed out as bytes.
        isPartAFile: () => true,
        limits: { files: PARTS_MAX, parts: PARTS_MAX, fileSize: BODY_BYTES_MAX, headerPairs: PART_HEADERS_MAX },
      })
    } catch {
      return refuse('must be a multipart form')
    }
    busboy.on('file', (name, stream, fileName, _encoding, type) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', () => refuse('is a form that breaks off'))
      stream.on('end', () =>
        parts.push({ name: String(name), fileName: fileName || null, contentType: type, bytes: Buffer.concat(chunks) }),
      )
    })
    busboy.on('filesLimit', () => refuse(`must have at most ${PARTS_MAX} parts`))
    busboy.on('partsLimit', () => refuse(`must have at most ${PARTS_MAX} parts`))
    busboy.on('error', () => refuse('is a form that breaks off'))
    busboy.on('finish', () => resolve(parts))
    busboy.end(raw)
  })
}
