import { Type } from 'typebox'
import { createUpload } from '../../core/files/create-upload.ts'
import { getFile } from '../../core/files/get-file.ts'
import type { HttpApp } from '../../http/server.ts'
import { Id, Time } from './present.ts'
import { AttachmentObject, presentFile } from './present-attachment.ts'

/** @see docs/api/team-chat.md */
export function registerAttachmentRoutes(app: HttpApp): void {
  app.post('/attachments/generate-upload-url', { schema: generateUploadUrl }, async (req, reply) => {
    const { file_name, file_type, file_size } = req.body
    const input = { name: file_name, contentType: file_type, sizeBytes: file_size }
    const { file, url, expiresAt } = await createUpload(req.ctx, input)
    const attachment = presentFile(file, req.ctx.ports.files)
    return reply.code(201).send({
      id: file.id,
      upload_url: url,
      method: 'PUT' as const,
      headers: { 'Content-Type': file.contentType },
      expires_at: expiresAt,
      file_url: attachment.file_url,
      attachment,
    })
  })

  app.get('/attachments/:id', { schema: getAttachment }, async (req) => {
    const file = await getFile(req.ctx, { fileId: req.params.id })
    return presentFile(file, req.ctx.ports.files)
  })
}

const generateUploadUrl = {
  operationId: 'generateUploadUrl',
  summary: 'Ask for a URL that takes the bytes of a file',
  tags: ['Attachments'],
  body: Type.Object({
    file_name: Type.String({ minLength: 1, maxLength: 1024, description: 'Up to 255 characters after its last `/`.' }),
    file_type: Type.String({ minLength: 1, maxLength: 255, description: 'Media type, for example `image/png`.' }),
    file_size: Type.Integer({ minimum: 1, description: 'Bytes; exactly as many must come.' }),
  }),
  response: {
    201: Type.Object({
      id: Id('The attachment; name it in a message once the bytes are there.'),
      upload_url: Type.String({ format: 'uri', description: 'Takes the bytes, once, without signing in.' }),
      method: Type.Literal('PUT'),
      headers: Type.Object({ 'Content-Type': Type.String() }, { description: 'Send these with the bytes.' }),
      expires_at: Time('Until when `upload_url` works: an hour.'),
      file_url: Type.String({ format: 'uri', description: 'Where the bytes can be read afterwards.' }),
      attachment: AttachmentObject,
    }),
  },
}

const getAttachment = {
  operationId: 'getAttachment',
  summary: 'An attachment with a fresh URL',
  tags: ['Attachments'],
  params: Type.Object({ id: Id('The attachment.') }),
  response: { 200: AttachmentObject },
}
