// The bytes of files, at `/uploads`. Who has a signed URL needs no sign-in: it is for one file, one purpose and a short
// time. What is served can be anything, so a browser must never take it for a page of ours: its type is never guessed,
// scripts in it are cut off, and all but pictures, sound, video and plain text is only downloaded.

import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { AppError } from '../core/errors.ts'
import { isShownInline, isTextual } from '../core/files/content-type.ts'
import type { FilesPort, Upload } from '../core/files/file-urls.ts'
import { type OpenedFile, readFile } from '../core/files/read-file.ts'
import { receiveUpload } from '../core/files/receive-upload.ts'
import type { StoredFile } from '../core/files/schema.ts'
import { parseRange } from './byte-range.ts'
import { contentDisposition } from './content-disposition.ts'
import type { HttpApp } from './server.ts'

export type UploadsOptions = {
  /** A complete file in the words of the dialect whose errors are given here, too. */
  presentFile(file: StoredFile, files: FilesPort): unknown
  fileObject: TSchema
}

const SANDBOX = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"

/** To be registered inside a dialect: it has its own parser of bodies, and the dialect's errors and request context. */
export async function uploads(app: HttpApp, { presentFile, fileObject }: UploadsOptions): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_req, bytes, done) => done(null, bytes))
  const config = { isPublic: true }

  app.put('/uploads/:id', { config, schema: { ...putUpload, response: { 200: fileObject } } }, async (req, reply) => {
    const { files } = req.publicCtx.ports
    const upload = readUpload(req.params.id, req.query)
    files.requireUpload(upload, req.query.signature ?? '')
    requireLength(req, reply, upload)
    const file = await receive(req, upload.fileId)
    return presentFile(file, files)
  })

  const getOptions = { config, schema: getUpload }
  app.route({ method: ['GET', 'HEAD'], url: '/uploads/:id', ...getOptions, handler: sendFile })
  // The name is for people and their tools; the signature is what counts.
  const named = { config: { ...config, isHidden: true }, schema: getUpload }
  app.route({ method: ['GET', 'HEAD'], url: '/uploads/:id/*', ...named, handler: sendFile })
}

const Signed = {
  expires: Type.Optional(Type.String({ maxLength: 12, description: 'Seconds since 1970.' })),
  signature: Type.Optional(Type.String({ maxLength: 64 })),
}
const FileParams = Type.Object({ id: Type.String({ format: 'uuid', description: 'The file.' }) })

const putUpload = {
  operationId: 'putUpload',
  summary: 'Send the bytes of a file to its upload URL',
  tags: ['Attachments'],
  params: FileParams,
  querystring: Type.Object({
    type: Type.Optional(Type.String({ maxLength: 255, description: 'The announced media type.' })),
    size: Type.Optional(Type.String({ maxLength: 12, description: 'The announced size in bytes.' })),
    ...Signed,
  }),
}

const getUpload = {
  operationId: 'getUpload',
  summary: 'Read the bytes of a file from its signed URL',
  tags: ['Attachments'],
  params: FileParams,
  querystring: Type.Object(Signed),
}

type SignedQuery = { type?: string; size?: string; expires?: string; signature?: string }

/** What was left out or is no number cannot have been signed. */
function readUpload(fileId: string, { type = '', size, expires }: SignedQuery): Upload {
  return { fileId: fileId.toLowerCase(), contentType: type, sizeBytes: Number(size), expiresAt: readExpiry(expires) }
}

function readExpiry(expires: string | undefined): string {
  if (expires === undefined || !/^\d{1,12}$/.test(expires)) throw new AppError('invalid_signature')
  return new Date(Number(expires) * 1000).toISOString()
}

/** Refuses by the announced length, before the bytes are taken. */
function requireLength(req: FastifyRequest, reply: FastifyReply, { sizeBytes }: Upload) {
  const header = req.headers['content-length']
  if (header === undefined || Number(header) === sizeBytes) return
  // The rest of a body that is far too large is not worth reading.
  if (Number(header) > req.publicCtx.ports.files.bytesMax) reply.header('connection', 'close')
  throw new AppError(Number(header) > sizeBytes ? 'file_too_large' : 'file_size_mismatch')
}

async function receive(req: FastifyRequest, fileId: string): Promise<StoredFile> {
  const bytes = (req.body ?? []) as AsyncIterable<Uint8Array>
  try {
    return await receiveUpload(req.publicCtx, { fileId, bytes })
  } catch (error) {
    if (!(error instanceof AppError) && req.raw.destroyed) throw new AppError('file_size_mismatch', { cause: error })
    throw error
  }
}

type GetRequest = FastifyRequest<{ Params: { id: string }; Querystring: SignedQuery }>

async function sendFile(req: GetRequest, reply: FastifyReply): Promise<FastifyReply> {
  const ctx = req.publicCtx
  const fileId = req.params.id.toLowerCase()
  const expiresAt = readExpiry(req.query.expires)
  ctx.ports.files.requireDownload({ fileId, expiresAt }, req.query.signature ?? '')
  const opened = await readFile(ctx, { fileId })

  const etag = `"${opened.sha256.toString('hex')}"`
  const maxAge = Math.floor((Date.parse(expiresAt) - Date.parse(ctx.now())) / 1000)
  reply.headers({ etag, 'cache-control': `private, max-age=${maxAge}, immutable`, 'accept-ranges': 'bytes' })
  if (isUnchanged(req.headers['if-none-match'], etag)) return reply.code(304).send()

  const { sizeBytes } = opened.file
  const ifRange = req.headers['if-range']
  const range = ifRange === undefined || ifRange === etag ? parseRange(req.headers.range, sizeBytes) : 'whole'
  if (range === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${sizeBytes}`).send()
  describe(reply, opened)
  if (range === 'whole') return sendBytes(reply, { length: sizeBytes, read: () => opened.read() })
  reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${sizeBytes}`)
  return sendBytes(reply, { length: range.end - range.start + 1, read: () => opened.read(range) })
}

function describe(reply: FastifyReply, { file: { contentType, name } }: OpenedFile) {
  reply.headers({
    'content-type': isTextual(contentType) ? `${contentType}; charset=utf-8` : contentType,
    'content-disposition': contentDisposition(isShownInline(contentType) ? 'inline' : 'attachment', name),
    'content-security-policy': SANDBOX,
  })
}

async function sendBytes(reply: FastifyReply, { length, read }: { length: number; read(): Promise<Readable> }) {
  reply.header('content-length', length)
  return reply.send(reply.request.method === 'HEAD' ? undefined : await read())
}

function isUnchanged(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}
